import { type Machine, type Region, runningOf } from './group.ts';
import type { Limit } from './limits.ts';
import type { GroupLoad } from './load.ts';

/** `idle`: the last one, which has nothing to do. `excess`: the others are enough. */
export type StopReason = 'idle' | 'excess';

/**
 * Fly's rule: of several machines one is too many where `n - (those over their soft limit + 1) >= 1`, the last one where
 * it has nothing to do. Beyond Fly's rule what there is to do must fit on those that stay: else one of two machines
 * with 15 of 20 each would be stopped and started again and again.
 * https://fly.io/docs/reference/fly-proxy-autostop-autostart/
 */
export function stopReason(region: Region, limits: readonly Limit[], load: GroupLoad): StopReason | undefined {
  const { machines, min } = region;
  const count = machines.length;
  if (load.waiting > 0 || count !== runningOf(region) || count <= min) return undefined;
  const loads = machines.map(({ name }) => load.of(name));
  if (count === 1) return loads[0]?.total === 0 ? 'idle' : undefined;
  const over = loads.filter(({ isOverSoft }) => isOverSoft).length;
  const fits = limits.every(({ softLimit }, index) => {
    const total = loads.reduce((sum, { perLimit }) => sum + (perLimit[index] ?? 0), 0);
    return total < softLimit * (count - 1);
  });
  return count - (over + 1) >= 1 && fits ? 'excess' : undefined;
}

/**
 * The machine that is to be stopped: of a StatefulSet always that with the highest number, of a Deployment one that is not
 * ready before all others, for these are what Kubernetes takes, and else the one with the least to do. Undefined while
 * that has not been up, or had nothing to do, for long enough.
 */
export function machineToStop(region: Region, load: GroupLoad, afterMs: number): Machine | undefined {
  const [first] = whatKubernetesMayTake(region).toSorted(
    (a, b) => load.of(a.name).total - load.of(b.name).total || a.ageMs - b.ageMs,
  );
  if (!first || (first.upMs ?? first.ageMs) < afterMs) return undefined;
  const { lastBeganMs = Number.POSITIVE_INFINITY } = load.of(first.name);
  return region.machines.length === 1 && lastBeganMs < afterMs ? undefined : first;
}

/**
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset: what is not ready goes
 * before what has the lowest deletion cost. So these are asked about before that.
 */
export function whatKubernetesMayTake({ kind, machines }: Pick<Region, 'kind' | 'machines'>): readonly Machine[] {
  if (kind === 'StatefulSet') return machines.toSorted((a, b) => numberOf(b) - numberOf(a)).slice(0, 1);
  const notReady = machines.filter(({ isReady }) => !isReady);
  return notReady.length > 0 ? notReady : machines;
}

const numberOf = ({ name }: Machine) => Number(name.slice(name.lastIndexOf('-') + 1));
