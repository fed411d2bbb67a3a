import type { AppStatus } from '../api/app-status.ts';
import type { ObservedWorkload } from '../api/kubernetes.ts';
import { servicesOf } from '../desired/groups.ts';
import type { Workload } from '../desired/workloads.ts';
import type { ReleasePlan } from '../release/plan.ts';
import { type Rollout, rolloutIn } from '../release/rollout.ts';

type Group = NonNullable<AppStatus['processes']>[number];

/** The machines of an App, counted over its workloads; those that are only tried are left out. */
export interface Machines extends Omit<Rollout, 'version'> {
  readonly groups: Group[];
  /** All that run all the time are done; of those that are started for work, some may be on their way. */
  readonly steady: boolean;
  /** Process groups that sleep as a whole, and that no request wakes. */
  readonly unwakeable: readonly string[];
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
  const byGroup = [...Map.groupBy(seen, ({ workload }) => workload.group.name)];
  return {
    groups: byGroup.map(([name, list]) => groupOf(name, list)),
    steady: seen.every(({ workload, rollout }) => workload.scale || rollout.done),
    unwakeable: byGroup.filter(([name, list]) => !isWoken(name, list)).map(([name]) => name),
    desired: sum(rollouts, 'desired'),
    ready: sum(rollouts, 'ready'),
    stopped: sum(rollouts, 'stopped'),
    sleeping: sum(rollouts, 'sleeping'),
    failed: sum(rollouts, 'failed'),
    late: sum(rollouts, 'late'),
    done: rollouts.every(({ done }) => done),
  };
}

function isSamePart(one: Workload, other: Workload): boolean {
  return one.group.name === other.group.name && one.region === other.region;
}

/** Whether machines run, or a request starts one. */
function isWoken(name: string, seen: readonly Seen[]): boolean {
  const isAsleep = seen.every(({ workload, rollout }) => workload.scale && rollout.desired === 0);
  const services = seen.flatMap(({ workload: { app } }) => servicesOf(app.spec, name));
  return !isAsleep || services.some(({ autoStart, ports }) => autoStart && ports.length > 0);
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

type Counted = 'desired' | 'ready' | 'stopped' | 'sleeping' | 'failed' | 'late';

function sum(rollouts: readonly Rollout[], field: Counted): number {
  return rollouts.reduce((total, rollout) => total + rollout[field], 0);
}
