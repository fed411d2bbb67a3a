import type { App } from '../api/app.ts';
import { scaledAnnotation } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import { isGated } from './gated.ts';
import { groupsOf, type Share, servicesOf } from './groups.ts';

/** Of machines of which requests and idleness decide how many run; `count` is the most. */
export interface Scale {
  /** How many have to run, whatever there is to do: 0 to `count`. */
  readonly min: number;
  /** What becomes of a machine without work. */
  readonly mode: 'stop' | 'suspend';
}

/**
 * How the machines of a group are scaled in one region; undefined where all of them run all the time. It comes from the App
 * of today and never from a release, so that turning `autoStop` on or off makes none.
 */
export function scaleOf(app: App, release: Release, group: string, { region, count }: Share): Scale | undefined {
  if (count === 0 || !maySleep(app.spec, group)) return undefined;
  const services = servicesOf(app.spec, group).filter(isGated);
  const least = Math.max(...services.map(({ minMachinesRunning }) => minMachinesRunning));
  // Of several services the one that is the least hard on the machine is followed, as on Fly.
  const mode = services.some(({ autoStop }) => autoStop === 'suspend') ? 'suspend' : 'stop';
  return { min: isPrimary(app, release, group, region) ? Math.min(least, count) : 0, mode };
}

/** How many should run where so many do: those that do, within what is allowed. */
export function allowed({ count, scale }: { readonly count: number; readonly scale: Scale }, running: number): number {
  return Math.min(count, Math.max(scale.min, running));
}

/** What a workload says of itself that is scaled; nothing otherwise. */
export function scaledAnnotations(scale: Scale | undefined): { annotations?: Record<string, string> } {
  return scale ? { annotations: { [scaledAnnotation]: 'true' } } : {};
}

/**
 * Whether machines of a group are stopped while nothing is to be done: all that comes to them must come through the gates,
 * for nobody sees what comes another way. A group to which nothing comes works for itself.
 */
export function maySleep(spec: Parameters<typeof servicesOf<AppService>>[0], group: string): boolean {
  const served = servicesOf(spec, group).filter(({ ports }) => ports.length > 0);
  return served.length > 0 && served.every((service) => isGated(service) && service.autoStop !== 'off');
}

/**
 * On Fly the minimum is kept in the primary region alone (https://fly.io/docs/reference/configuration/#the-http_service-section);
 * an App that names none has its first one.
 */
function isPrimary({ spec }: App, release: Release, group: string, region: string | undefined): boolean {
  const primary = release.spec.primaryRegion;
  if (primary !== undefined) return region === primary;
  const regions = groupsOf(spec).find(({ name }) => name === group)?.regions;
  return regions?.length ? regions[0]?.name === region : true;
}
