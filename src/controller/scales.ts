import { manager } from '../api/meta.ts';
import { allowed } from '../desired/scaled.ts';
import type { Workload } from '../desired/workloads.ts';
import type { Client } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import type { KubeObject, ObjectMeta } from '../kube/types.ts';
import { resourceOf } from './resources.ts';

/** The name under which the operator says how many machines of a scaled workload run. */
export const scaleManager = 'airfield-scale';

interface Stored extends KubeObject {
  readonly metadata: ObjectMeta & { readonly managedFields?: readonly ManagedFields[] };
  readonly spec?: { readonly replicas?: number };
}

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: { readonly 'f:spec'?: { readonly 'f:replicas'?: object } };
}

/**
 * Keeps a workload's number of machines while it goes out of what is applied: Kubernetes sets a field that nobody owns any
 * more to its default, here 1, so somebody else has to own it first
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership). Asks the API server itself:
 * a cache may be behind what this operator, or the one before it, has just applied. Throws where the
 * number changes meanwhile, or the workload goes away.
 */
export async function keepReplicas(
  client: Pick<Client, 'get' | 'apply'>,
  workload: KubeObject,
  signal: AbortSignal | undefined,
): Promise<void> {
  const resource = resourceOf(workload);
  const actual = await client.get<Stored>(resource, workload.metadata, signal && { signal });
  if (!appliesReplicas(actual)) return;
  const { name, namespace, resourceVersion } = actual.metadata;
  const scale = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, resourceVersion },
    spec: { replicas: actual.spec?.replicas },
  };
  await client.apply(resource, scale, { subresource: 'scale', fieldManager: scaleManager, force: true, signal });
}

/** Whether what was applied last says how many machines run. */
function appliesReplicas({ metadata }: Stored): boolean {
  const ours = metadata.managedFields?.find(
    (one) => one.manager === manager && one.operation === 'Apply' && one.subresource === undefined,
  );
  return ours?.fieldsV1?.['f:spec']?.['f:replicas'] !== undefined;
}

/**
 * Starts machines of scaled workloads where fewer run than have to, and stops those beyond their count. What somebody else
 * has changed meanwhile is left to the next look, which that change brings about.
 */
export async function tendScales(
  workloads: readonly Workload[],
  applied: readonly KubeObject[],
  { client, signal }: { readonly client: Pick<Client, 'mergePatch'>; readonly signal: AbortSignal },
): Promise<void> {
  for (const { kind, name, count, scale } of workloads) {
    const actual = scale && applied.find((object) => object.kind === kind && object.metadata.name === name);
    if (!actual) continue;
    const running = (actual as Stored).spec?.replicas ?? 1;
    const replicas = allowed({ count, scale }, running);
    if (replicas !== running) await scaleTo(client, actual, replicas, signal);
  }
}

async function scaleTo(
  client: Pick<Client, 'mergePatch'>,
  workload: KubeObject,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  const { resourceVersion } = workload.metadata;
  const patch = { metadata: { resourceVersion }, spec: { replicas } };
  const options = { subresource: 'scale', fieldManager: scaleManager, signal };
  try {
    await client.mergePatch(resourceOf(workload), workload.metadata, patch, options);
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error;
  }
}
