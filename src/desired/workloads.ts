import type { App } from '../api/app.ts';
import type { Release, ReleaseGroup, Slot } from '../api/release.ts';
import { groupsOf, mountsOf, sharesOf } from './groups.ts';
import { type WorkloadIdentity, workloadName } from './names.ts';

/** Machines of one release that are made at the same time: all of them, or a canary for each group. */
export interface MachineSet {
  readonly release: Release;
  readonly slot: Slot;
  readonly role: WorkloadIdentity['role'];
}

/** The machines of one group in one region: what becomes one Deployment or StatefulSet. */
export interface Workload extends MachineSet {
  readonly app: App;
  readonly group: ReleaseGroup;
  /** Region that the machines should be in; undefined where nobody names one. */
  readonly region: string | undefined;
  readonly count: number;
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly name: string;
}

/** A machine has its volumes for itself, so a group with a mount is a StatefulSet. */
export function workloadsOf(app: App, set: MachineSet): Workload[] {
  return groupsOf(set.release.spec).flatMap((group) => {
    const shares = sharesOf(app.spec, set.release, group.name);
    const kind = mountsOf(set.release.spec, group.name).length > 0 ? 'StatefulSet' : 'Deployment';
    const workloads = shares.map(({ region, count }): Workload => {
      const named = region === set.release.spec.primaryRegion ? undefined : region;
      const name = workloadName(app.metadata.name, { ...set, group: group.name, region: named });
      return { ...set, app, group, region, count, kind, name };
    });
    return set.role === 'canary' ? canaryOf(workloads) : workloads;
  });
}

/** One machine of a group is tried, where the group has any. */
function canaryOf(workloads: readonly Workload[]): Workload[] {
  const first = workloads.find(({ count }) => count > 0);
  return first ? [{ ...first, count: 1 }] : [];
}
