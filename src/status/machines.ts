import type { AppStatus } from '../api/app-status.ts';
import type { ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import { label, suspendedAnnotation } from '../api/meta.ts';
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
  /** Those of `sleeping` that keep their memory. */
  readonly suspended: number;
  /** Process groups that sleep as a whole, and that no request wakes. */
  readonly unwakeable: readonly string[];
}

interface Seen {
  readonly workload: Workload;
  readonly rollout: Rollout;
  readonly suspended: number;
}

/**
 * Counts what serves; while a release is tried in a second set, that set does not count, and where it has workloads of
 * its own beside those of the release before, only its own do.
 */
export function machinesOf(
  { workloads, slot }: ReleasePlan,
  observed: readonly ObservedWorkload[],
  pods: readonly ObservedPod[],
): Machines {
  const seen = workloads
    .filter((workload) => workload.role === 'machines' && workload.slot === slot)
    .filter((workload, index, all) => all.findIndex((other) => isSamePart(workload, other)) === index)
    .map((workload) => seenOf(workload, observed, pods));
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
    suspended: suspendedIn(seen),
    failed: sum(rollouts, 'failed'),
    late: sum(rollouts, 'late'),
    done: rollouts.every(({ done }) => done),
  };
}

/** A suspended machine is a pod like any other, and passes its checks; but it waits for work. */
function seenOf(workload: Workload, observed: readonly ObservedWorkload[], pods: readonly ObservedPod[]): Seen {
  const rollout = rolloutIn(observed, workload);
  const isSuspended = ({ metadata }: ObservedPod) =>
    metadata.labels?.[label.workload] === workload.name &&
    !metadata.deletionTimestamp &&
    metadata.annotations?.[suspendedAnnotation] !== undefined;
  const suspended = Math.min(pods.filter(isSuspended).length, rollout.desired);
  const running = {
    desired: rollout.desired - suspended,
    ready: Math.max(0, rollout.ready - suspended),
    stopped: rollout.stopped + suspended,
    sleeping: rollout.sleeping + suspended,
  };
  return { workload, rollout: { ...rollout, ...running }, suspended };
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
  const suspended = suspendedIn(seen);
  const regions = seen.flatMap(({ workload, rollout: { desired, ready } }) =>
    workload.region ? [{ name: workload.region, desired, ready }] : [],
  );
  return {
    name,
    desired: sum(rollouts, 'desired'),
    ready: sum(rollouts, 'ready'),
    stopped: sum(rollouts, 'stopped'),
    ...(suspended > 0 && { suspended }),
    ...(regions.length > 0 && { regions }),
  };
}

const suspendedIn = (seen: readonly Seen[]) => seen.reduce((total, { suspended }) => total + suspended, 0);

type Counted = 'desired' | 'ready' | 'stopped' | 'sleeping' | 'failed' | 'late';

function sum(rollouts: readonly Rollout[], field: Counted): number {
  return rollouts.reduce((total, rollout) => total + rollout[field], 0);
}
