import type { App } from '../api/app.ts';
import type { MachineSpec } from '../api/machine.ts';
import type { Release, ReleaseGroup, Slot } from '../api/release.ts';
import { groupsOf, mountsOf, sharesOf } from './groups.ts';
import { type WorkloadIdentity, workloadName } from './names.ts';
import { mayEnd } from './restarts.ts';
import { type Scale, scaleOf } from './scaled.ts';

/** Machines of one release that are made at the same time: all of them, or a canary for each group. */
export interface MachineSet {
  readonly release: Release;
  readonly slot: Slot;
  readonly role: WorkloadIdentity['role'];
  /** Only machines of these groups. */
  readonly groups?: readonly string[];
}

/** What a Machine has that the machines of its App have not. */
export interface OwnMachine {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly run: number;
  readonly tty: boolean;
  readonly dns: MachineSpec['dns'];
  /** Name of the claim of a mount. */
  readonly claimOf: (mount: string) => string;
}

/** The machines of one group in one region: what becomes one Deployment, StatefulSet or Job. */
export interface Workload extends MachineSet {
  readonly app: App;
  readonly group: ReleaseGroup;
  /** Region that the machines should be in; undefined where nobody names one. */
  readonly region: string | undefined;
  /** How many there are, or, with `scale`, may be. */
  readonly count: number;
  /** Of machines that are stopped without work: who starts and stops them says how many run. */
  readonly scale?: Scale;
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job';
  readonly name: string;
  /** Absent for the machines of the App itself. */
  readonly own?: OwnMachine;
}

/** The machines of a set, one workload for each group and region. */
export function workloadsOf(app: App, set: MachineSet): Workload[] {
  const isIn = ({ name }: ReleaseGroup) => set.groups?.includes(name) ?? true;
  return groupsOf(set.release.spec)
    .filter(isIn)
    .flatMap((group) => {
      const shares = sharesOf(app.spec, set.release, group.name);
      const kind = kindOf(set.release, group);
      // The pods of a Job cannot change, so each release has Jobs of its own.
      const release = kind === 'Job' ? set.release.version : undefined;
      const workloads = shares.map((share): Workload => {
        const { region } = share;
        const named = region === set.release.spec.primaryRegion ? undefined : region;
        const name = workloadName(app.metadata.name, { ...set, group: group.name, region: named, release });
        const isScaled = set.role === 'machines' && kind !== 'Job';
        const scale = isScaled ? scaleOf(app, set.release, group.name, share) : undefined;
        return { ...set, ...share, app, group, kind, name, ...(scale && { scale }) };
      });
      return set.role === 'canary' ? canaryOf(workloads) : workloads;
    });
}

/** A machine has its volumes for itself, so a group with a mount is a StatefulSet; what may end is a Job. */
function kindOf({ spec }: Release, { name }: ReleaseGroup): Workload['kind'] {
  if (mountsOf(spec, name).length > 0) return 'StatefulSet';
  return mayEnd(spec, name) ? 'Job' : 'Deployment';
}

/** One machine of a group is tried, where the group has any. What may end would do its work twice, and volumes are taken. */
function canaryOf(workloads: readonly Workload[]): Workload[] {
  const first = workloads.find(({ count, kind }) => count > 0 && kind === 'Deployment');
  return first ? [{ ...first, count: 1 }] : [];
}
