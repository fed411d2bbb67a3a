import type { ObservedPod } from '../api/kubernetes.ts';

/** Whether a machine passes its checks and is not on its way out. */
export function isReady({ metadata, status }: ObservedPod): boolean {
  if (metadata.deletionTimestamp) return false;
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
