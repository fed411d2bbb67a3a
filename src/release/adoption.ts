import type { ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { numberOf } from '../desired/machines-in-the-way.ts';
import type { Workload } from '../desired/workloads.ts';

/**
 * A StatefulSet that is made anew has the machines that the one before it has left. Made as one that is scaled, it would
 * begin with one machine and stop the others: so it is made with all of them, and is scaled from the next look on.
 */
export function adopting(
  workload: Workload,
  { workloads, pods }: { readonly workloads: readonly ObservedWorkload[]; readonly pods: readonly ObservedPod[] },
): Workload {
  const { kind, name, count, scale, ...rest } = workload;
  const isThere = workloads.some((one) => one.kind === kind && one.metadata.name === name);
  if (kind !== 'StatefulSet' || !scale || isThere) return workload;
  const left = pods.filter(({ metadata }) => metadata.labels?.[label.workload] === name && !metadata.deletionTimestamp);
  const needed = Math.max(0, ...left.map(numberOf)) + 1;
  return needed > 1 ? { ...rest, kind, name, count: Math.min(count, needed) } : workload;
}
