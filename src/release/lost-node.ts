import type { ObservedPod } from '../api/kubernetes.ts';
import type { Trouble } from './machine-trouble.ts';

/** How long after its last second a pod may still be there before its node is taken to be silent. */
const patienceMs = 15_000;

/**
 * That a node does not answer, as far as a pod tells. Kubernetes then says that the pod is not ready, though all that is in
 * it is; and when it has given the node up, it deletes the pod, which stays until the node says that its program has ended
 * (https://kubernetes.io/docs/concepts/architecture/nodes/#node-status).
 */
export function lostNode(pod: ObservedPod, now: Date): Trouble | undefined {
  const { spec, status, metadata } = pod;
  if (!spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  const { deletionTimestamp } = metadata;
  const isOverdue = deletionTimestamp !== undefined && now.getTime() > goneBy(deletionTimestamp);
  if (!isOverdue && !isSilent(status)) return undefined;
  return { reason: 'NodeNotAnswering', message: `node ${spec.nodeName} of machine ${metadata.name} does not answer` };
}

/** In how many milliseconds it can be said of a pod that is on its way out; undefined where there is nothing to wait for. */
export function lostNodeInMs({ metadata, status }: ObservedPod, now: Date): number | undefined {
  const { deletionTimestamp } = metadata;
  if (!deletionTimestamp || status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  const left = goneBy(deletionTimestamp) - now.getTime();
  return left >= 0 ? left + 1 : undefined;
}

const goneBy = (deletionTimestamp: string) => Date.parse(`${deletionTimestamp}`) + patienceMs;

function isSilent(status: ObservedPod['status']): boolean {
  const { conditions = [], containerStatuses = [] } = status ?? {};
  const isNotReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'False');
  return (
    isNotReady && containerStatuses.length > 0 && containerStatuses.every(({ ready, state }) => ready && state?.running)
  );
}
