import type { App, AppSpec } from '../api/app.ts';
import { defaultProcess, type ProcessGroup, processSchema } from '../api/process.ts';
import type { AppService } from '../api/service.ts';

/** The process groups of an App; without any, one group `app` that runs the image as it is. */
export function groupsOf(spec: AppSpec): ProcessGroup[] {
  return spec.processes?.length ? spec.processes : [processSchema.parse({ name: defaultProcess })];
}

/** Fly's rule: `app` where there is one, else the first by name (flyctl, appconfig/processgroups.go). */
export function defaultGroup(spec: AppSpec): string {
  const names = groupsOf(spec).map(({ name }) => name);
  return names.includes(defaultProcess) ? defaultProcess : (names.sort()[0] ?? defaultProcess);
}

/** Whether something with this `processes` list applies to the group. Without a list it applies to the default group. */
export function appliesTo(spec: AppSpec, { processes }: { processes?: string[] | undefined }, group: string): boolean {
  return processes ? processes.includes(group) : group === defaultGroup(spec);
}

export function servicesOf(spec: AppSpec, group: string): AppService[] {
  return spec.services.filter((service) => appliesTo(spec, service, group));
}

/**
 * How many machines of a group should run. Without a word of the user's it is what the first deploy on Fly makes: 2
 * where there is a service, else 1, and 1 with a volume.
 */
export function countOf(app: App, group: ProcessGroup): number {
  if (group.count !== undefined) return group.count;
  if (group.regions) return group.regions.reduce((sum, region) => sum + region.count, 0);
  if (app.spec.mounts.some((mount) => appliesTo(app.spec, mount, group.name))) return 1;
  return servicesOf(app.spec, group.name).length > 0 ? 2 : 1;
}
