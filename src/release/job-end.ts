import type { ObservedJob, ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { exit } from './machine-trouble.ts';

/** Version of the release that a Job runs for. */
export function versionOf({ metadata }: ObservedJob): number {
  return Number(metadata.labels?.[label.release] ?? 0);
}

/** Whether a Job has come to its end. */
export function hasEnded(job: ObservedJob): boolean {
  return endOf(job) !== undefined;
}

/** How a Job has ended: the condition `Complete`, or `Failed` with its reason. */
export function endOf({ status }: ObservedJob) {
  return status?.conditions?.find(
    ({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'),
  );
}

/** Whether the program of a pod runs, or has run. */
export function hasStarted({ status }: ObservedPod): boolean {
  return status?.containerStatuses?.some(({ state }) => state?.running || state?.terminated) ?? false;
}

/** What to say of a Job that has failed, with the last words of its program, if one of its pods has any. */
export function failedWith(pods: readonly ObservedPod[]): string {
  const ended = pods.map(({ status }) => status?.containerStatuses?.[0]?.state?.terminated).find(Boolean);
  return ended ? `failed: ${exit(ended)}` : 'failed';
}
