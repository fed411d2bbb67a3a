import type { ObservedPod } from '../api/kubernetes.ts';
import { suspendedAnnotation } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { isConflict, isForbidden, isInvalid, isNotFound, type KubeError } from '../kube/errors.ts';
import { pods } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { type Cpu, type Suspended, writeSuspended } from './annotation.ts';
import { cpuOf, hasCpu, smallCpu } from './cpu.ts';

/** Says in `kubectl get --show-managed-fields` who has changed the CPU of a machine. */
const fieldManager = 'airfield-suspend';

/** Of each request. */
const longestMs = 5000;
/** Who resumes a machine while it is being suspended has the last word. */
const mostAttempts = 3;

export type PodResizer = Pick<Client, 'apply' | 'mergePatch'>;

/** A pod and no other one of its name. */
export interface PodRef {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

type Pod = ObservedPod & KubeObject;

/** `overtaken`: it is gone, or somebody has resumed it meanwhile. Else why Kubernetes does not want it. */
export type SuspendOutcome = 'suspended' | 'overtaken' | { readonly refused: string };

/**
 * Writes down what CPU a pod has, and then takes it away. Throws where that could not be done; the pod may be annotated
 * then, which whoever needs it takes back.
 */
export async function suspendPod(
  client: PodResizer,
  ref: PodRef,
  { spec, status }: Pick<ObservedPod, 'spec' | 'status'>,
  { since, signal }: { readonly since: Date; readonly signal: AbortSignal },
): Promise<SuspendOutcome> {
  const cpu = cpuOf(spec?.containers);
  const text = writeSuspended({ since: since.toISOString(), cpu });
  try {
    await annotate(client, ref, text, signal);
    const resized = await resize(client, ref, smallCpu(cpu, status?.qosClass), signal);
    if (resized === undefined || resized.metadata.annotations?.[suspendedAnnotation] === text) return 'suspended';
    await resumePod(client, ref, cpu, signal);
    return 'overtaken';
  } catch (error) {
    if (isGone(error)) return 'overtaken';
    if (!isForbidden(error) && !isInvalid(error)) throw error;
    await annotate(client, ref, null, signal);
    return { refused: (error as KubeError).message };
  }
}

/** Gives a pod its CPU back, and then says that it is not suspended. Does nothing where it is gone. */
export async function resumePod(
  client: PodResizer,
  ref: PodRef,
  cpu: Suspended['cpu'],
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let attempts = 0; attempts < mostAttempts; attempts++) {
      await resize(client, ref, cpu, signal);
      const pod = await annotate(client, ref, null, signal);
      if (hasCpu(pod.spec?.containers, cpu)) return;
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function annotate(client: PodResizer, ref: PodRef, text: string | null, signal: AbortSignal): Promise<Pod> {
  const { uid, ...place } = ref;
  const patch = { metadata: { uid, annotations: { [suspendedAnnotation]: text } } };
  return client.mergePatch<Pod>(pods, place, patch, { fieldManager, signal: bounded(signal) });
}

/** A merge patch would replace the list of containers, and with it what else they have. */
async function resize(client: PodResizer, ref: PodRef, cpu: Cpu, signal: AbortSignal): Promise<Pod | undefined> {
  const containers = Object.entries(cpu).map(([name, { requests, limits }]) => ({
    name,
    resources: { ...(requests && { requests: { cpu: requests } }), ...(limits && { limits: { cpu: limits } }) },
  }));
  if (containers.length === 0) return undefined;
  const wanted = { apiVersion: 'v1', kind: 'Pod', metadata: { ...ref }, spec: { containers } };
  const options = { subresource: 'resize', fieldManager, force: true, signal: bounded(signal) };
  return (await client.apply(pods, wanted, options)) as unknown as Pod;
}

/** Conflict: a pod of another `uid` has the name. */
const isGone = (error: unknown) => isNotFound(error) || isConflict(error);
const bounded = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
