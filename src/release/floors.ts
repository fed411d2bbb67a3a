import type { App } from '../api/app.ts';
import type { ObservedWorkload } from '../api/kubernetes.ts';
import type { Release } from '../api/release.ts';
import { type Workload, workloadsOf } from '../desired/workloads.ts';
import { rolloutOf } from './rollout.ts';
import { machines, phaseThatHolds } from './sets.ts';

export interface Proof {
  readonly app: App;
  readonly current: Release;
  readonly serving: Release | undefined;
  readonly observed: readonly ObservedWorkload[];
}

/**
 * The same workloads, with what a release needs to prove itself: machines that nobody needs would never show whether they
 * start. So of the current release at least one runs in each group and region, and as many as do what it takes over; once
 * it is complete, or has given back, only the minimum that the App asks for.
 */
export function withFloors(workloads: readonly Workload[], proof: Proof): Workload[] {
  if (!proving.has(phaseThatHolds(proof.app, proof.current, proof.serving))) return [...workloads];
  const before = proof.serving ? workloadsOf(proof.app, machines(proof.serving)) : [];
  return workloads.map((workload) => {
    if (!workload.scale || workload.release !== proof.current) return workload;
    const counterpart = before.find((other) => isSamePart(other, workload));
    const running = counterpart ? runningOf(counterpart, proof.observed) : 0;
    const min = Math.min(workload.count, Math.max(1, workload.scale.min, running));
    return { ...workload, scale: { ...workload.scale, min } };
  });
}

const proving: ReadonlySet<string> = new Set(['canary', 'rollout']);

const isSamePart = (one: Workload, other: Workload) =>
  one.group.name === other.group.name && one.region === other.region;

function runningOf({ kind, name }: Workload, observed: readonly ObservedWorkload[]): number {
  const found = observed.find((item) => item.kind === kind && item.metadata.name === name);
  return found ? rolloutOf(found).desired : 0;
}
