import type { ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import { label, suspendedAnnotation } from '../api/meta.ts';
import type { Workload } from '../desired/workloads.ts';
import type { Cpu } from '../suspend/annotation.ts';
import { cpuOf, hasCpu, smallCpu } from '../suspend/cpu.ts';

/** A machine that is not to be suspended. */
export interface Due {
  readonly workload: Workload;
  readonly pod: ObservedPod;
  readonly why: string;
  /** What it is to have where it does not say it itself. */
  readonly cpu?: Cpu;
}

/**
 * What has to run again whatever there is to do: where the App does not ask for `suspend` any more, where fewer run than
 * have to, and where a gate or an operator ended in the middle.
 */
export function dueMachines(
  workloads: readonly Workload[],
  observed: readonly ObservedWorkload[],
  pods: readonly ObservedPod[],
): Due[] {
  const there = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  const byWorkload = Map.groupBy(there, ({ metadata }) => metadata.labels?.[label.workload]);
  return workloads.flatMap((workload): Due[] => {
    const own = byWorkload.get(workload.name) ?? [];
    const template = observed.find(({ kind, metadata }) => kind === workload.kind && metadata.name === workload.name);
    return [...suspendedInVain(workload, own), ...withoutCpu(workload, own, template)];
  });
}

function suspendedInVain(workload: Workload, pods: readonly ObservedPod[]): Due[] {
  const suspended = pods.filter(isSuspended);
  const { scale } = workload;
  if (scale?.mode !== 'suspend') {
    return suspended.map((pod) => ({ workload, pod, why: 'its services do not say `autoStop: suspend` any more' }));
  }
  const missing = scale.min - (pods.length - suspended.length);
  const why = `${scale.min} have to run`;
  return suspended.slice(0, Math.max(0, missing)).map((pod) => ({ workload, pod, why }));
}

/** Suspended at the moment when it was resumed; a size that somebody has given it by hand is left as it is. */
function withoutCpu(workload: Workload, pods: readonly ObservedPod[], observed: ObservedWorkload | undefined): Due[] {
  const cpu = cpuOf(observed?.spec?.template?.spec?.containers);
  return pods.flatMap((pod): Due[] => {
    const small = smallCpu(cpu, pod.status?.qosClass);
    const { containers } = pod.spec ?? {};
    if (isSuspended(pod) || hasCpu(containers, cpu) || !hasCpu(containers, small)) return [];
    return [{ workload, pod, cpu, why: 'it was left with little CPU' }];
  });
}

export const isSuspended = ({ metadata }: Pick<ObservedPod, 'metadata'>): boolean =>
  metadata.annotations?.[suspendedAnnotation] !== undefined;
