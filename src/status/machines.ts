import type { AppStatus } from '../api/app-status.ts';
import type { ObservedWorkload } from '../api/kubernetes.ts';
import type { Workload } from '../desired/workloads.ts';
import type { ReleasePlan } from '../release/plan.ts';
import { type Rollout, rolloutIn } from '../release/rollout.ts';

type Group = NonNullable<AppStatus['processes']>[number];

/** The machines of an App, counted over its workloads; those that are only tried are left out. */
export interface Machines extends Omit<Rollout, 'version'> {
  readonly groups: Group[];
}

interface Seen {
  readonly workload: Workload;
  readonly rollout: Rollout;
}

/**
 * Counts what serves; while a release is tried in a second set, that set does not count, and where it has workloads of
 * its own beside those of the release before, only its own do.
 */
export function machinesOf({ workloads, slot }: ReleasePlan, observed: readonly ObservedWorkload[]): Machines {
  const seen = workloads
    .filter((workload) => workload.role === 'machines' && workload.slot === slot)
    .filter((workload, index, all) => all.findIndex((other) => isSamePart(workload, other)) === index)
    .map((workload): Seen => ({ workload, rollout: rolloutIn(observed, workload) }));
  const rollouts = seen.map(({ rollout }) => rollout);
  const groups = [...Map.groupBy(seen, ({ workload }) => workload.group.name)].map(([name, list]) =>
    groupOf(name, list),
  );
  return {
    groups,
    desired: sum(rollouts, 'desired'),
    ready: sum(rollouts, 'ready'),
    stopped: sum(rollouts, 'stopped'),
    failed: sum(rollouts, 'failed'),
    late: sum(rollouts, 'late'),
    done: rollouts.every(({ done }) => done),
  };
}

function isSamePart(one: Workload, other: Workload): boolean {
  return one.group.name === other.group.name && one.region === other.region;
}

function groupOf(name: string, seen: readonly Seen[]): Group {
  const rollouts = seen.map(({ rollout }) => rollout);
  const regions = seen.flatMap(({ workload, rollout: { desired, ready } }) =>
    workload.region ? [{ name: workload.region, desired, ready }] : [],
  );
  return {
    name,
    desired: sum(rollouts, 'desired'),
    ready: sum(rollouts, 'ready'),
    stopped: sum(rollouts, 'stopped'),
    ...(regions.length > 0 && { regions }),
  };
}

function sum(rollouts: readonly Rollout[], field: 'desired' | 'ready' | 'stopped' | 'failed' | 'late'): number {
  return rollouts.reduce((total, rollout) => total + rollout[field], 0);
}
