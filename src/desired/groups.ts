import type { AppSpec } from '../api/app.ts';
import { defaultProcess, type ProcessGroup, processSchema } from '../api/process.ts';
import type { Release } from '../api/release.ts';

interface Named {
  readonly name: string;
}

/** Anything that has process groups, or none and means one called `app`. */
interface Grouped<Group extends Named = Named> {
  readonly processes?: readonly Group[] | undefined;
}

/** Machines of a group in one region; `region` is undefined where neither the group nor the App names one. */
export interface Share {
  readonly region: string | undefined;
  readonly count: number;
}

/** Of what names none: one group `app` that runs the image as it is. */
const onlyGroup: readonly Named[] = [processSchema.parse({ name: defaultProcess })];

/** The process groups, or the one that is there without any. */
export function groupsOf<Group extends Named>({ processes }: Grouped<Group>): readonly Group[] {
  return processes?.length ? processes : (onlyGroup as readonly Group[]);
}

/** Fly's rule: `app` where there is one, else the first by name (flyctl, appconfig/processgroups.go). */
export function defaultGroup(spec: Grouped): string {
  const names = groupsOf(spec).map(({ name }) => name);
  return names.includes(defaultProcess) ? defaultProcess : (names.sort()[0] ?? defaultProcess);
}

/** Whether something with this `processes` list applies to the group. Without a list it applies to the default group. */
export function appliesTo(spec: Grouped, { processes }: { processes?: string[] | undefined }, group: string): boolean {
  return processes ? processes.includes(group) : group === defaultGroup(spec);
}

export function servicesOf<S extends { processes?: string[] | undefined }>(
  spec: Grouped & { readonly services: readonly S[] },
  group: string,
): S[] {
  return spec.services.filter((service) => appliesTo(spec, service, group));
}

export function mountsOf<M extends { processes?: string[] | undefined }>(
  spec: Grouped & { mounts: readonly M[] },
  group: string,
): M[] {
  return spec.mounts.filter((mount) => appliesTo(spec, mount, group));
}

/** Where the machines of a group should run, and how many. Groups that the App has no more are as they were released. */
export function sharesOf(spec: AppSpec, release: Pick<Release, 'scale' | 'spec'>, group: string): Share[] {
  const today = groupsOf<Partial<ProcessGroup> & Named>(spec).find(({ name }) => name === group);
  const scale = today ?? release.scale.find(({ name }) => name === group);
  if (scale?.regions?.length) return scale.regions.map(({ name, count }) => ({ region: name, count }));
  return [{ region: release.spec.primaryRegion, count: scale?.count ?? usualCount(spec, group) }];
}

/**
 * Without a word of the user's it is what the first deploy on Fly makes: 2 where there is a service, else 1, and 1 with
 * a volume. Fly's standby of a group without a service waits for the failure of a host; here Kubernetes does that, and
 * starts the machine on another node.
 */
function usualCount(spec: AppSpec, group: string): number {
  if (spec.count !== undefined && group === defaultGroup(spec)) return spec.count;
  if (mountsOf(spec, group).length > 0) return 1;
  return servicesOf(spec, group).length > 0 ? 2 : 1;
}
