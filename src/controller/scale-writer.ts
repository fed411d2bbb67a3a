import type { Client } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import { deployments, pods, statefulSets } from '../kube/resources.ts';
import type { Key } from '../kube/types.ts';
import type { Region } from '../scaling/group.ts';
import type { Caches } from './caches.ts';
import { replicasOf, workloadOf } from './scaled-groups.ts';

/** Kubernetes does not record it while nobody owns the scale; Events say who has started or stopped a machine. */
const fieldManager = 'airfield-autoscaler';

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#pod-deletion-cost */
const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const costsBeganMs = Date.UTC(2026, 0, 1);

/** Of each request: what fails is decided again at the next look, and nothing else goes on while one waits. */
const longestMs = 5000;

interface Tools {
  readonly client: Pick<Client, 'mergePatch'>;
  readonly caches: Pick<Caches, 'deployments' | 'statefulSets'>;
  readonly signal: AbortSignal;
}

/** Undefined where the scale is not any more what was seen: then it is to be looked at again. */
export async function writeScale(key: Key, region: Region, to: number, tools: Tools): Promise<'written' | undefined> {
  const { client, caches, signal } = tools;
  const seen = workloadOf(key, region, caches);
  if (!seen || replicasOf(seen) !== region.replicas) return undefined;
  const { name, namespace, resourceVersion } = seen.metadata;
  const patch = { metadata: { resourceVersion }, spec: { replicas: to } };
  try {
    await client.mergePatch(resourceOf(region), { namespace, name }, patch, {
      subresource: 'scale',
      fieldManager,
      signal: bounded(signal),
    });
    return 'written';
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * The machine that Kubernetes is to take when the scale is lowered. The cost falls with time: one that an operator has left
 * behind that ended in between is always above that of the next machine that is chosen.
 */
export function writeCost(key: Key, pod: string, nowMs: number, tools: Tools): Promise<unknown> {
  return patchCost(key, pod, `${-Math.floor((nowMs - costsBeganMs) / 1000)}`, tools);
}

export async function clearCost(key: Key, pod: string, tools: Tools): Promise<void> {
  try {
    await patchCost(key, pod, null, tools);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function patchCost(key: Key, name: string, cost: string | null, { client, signal }: Tools): Promise<unknown> {
  const patch = { metadata: { annotations: { [costAnnotation]: cost } } };
  return client.mergePatch(pods, { ...namespaceOf(key), name }, patch, { fieldManager, signal: bounded(signal) });
}

const bounded = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
const resourceOf = ({ kind }: Region) => (kind === 'StatefulSet' ? statefulSets : deployments);
const namespaceOf = (key: Key) => ({ namespace: key.slice(0, key.indexOf('/')) });
