import type { ObservedJob, ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import type { MachineStatus } from '../api/machine-status.ts';
import { label } from '../api/meta.ts';

interface Labelled {
  readonly metadata: Pick<ObservedPod['metadata'], 'labels'>;
}

/**
 * Whether something is of the run of its Machine that was asked for last. The version tells it from a Machine of the same
 * name that was there before.
 */
export function isOfRun({ metadata: { labels = {} } }: Labelled, { run, version }: MachineStatus): boolean {
  return labels[label.run] === `${run?.number}` && labels[label.version] === version;
}

/** Whether the program of a pod may still be running, as far as Kubernetes knows. */
export function mayRun({ status }: ObservedPod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** The Job of the run that was asked for last. */
export function jobOf(status: MachineStatus, workloads: readonly ObservedWorkload[]): ObservedJob | undefined {
  return workloads.find((one): one is ObservedJob => one.kind === 'Job' && isOfRun(one, status));
}
