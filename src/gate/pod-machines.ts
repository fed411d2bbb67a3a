import type { ObservedPod } from '../api/kubernetes.ts';
import { label, leavingAnnotation, suspendedAnnotation } from '../api/meta.ts';
import type { Route } from '../api/route.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Machine } from './machine.ts';

/** What a gate keeps of a pod. */
export interface GatePod extends KubeObject {
  /** What FLY_MACHINE_ID is in it. */
  readonly machineId: string;
  /** Whether a node has it. */
  readonly isScheduled: boolean;
  /** None yet where it is empty. */
  readonly address: string;
  /** Whether the program of the machine runs. */
  readonly isRunning: boolean;
  readonly readiness: Readiness;
  /** Whether all in it has ended, and will not be started again. */
  readonly hasEnded: boolean;
}

/**
 * What the kubelet says of the checks. `ready`: all pass. `starting`: not yet, since the program began; it may be tried
 * whether it answers. `withheld`: they have passed and do so no more, or only the kubelet can ask: nothing until `ready`.
 */
export type Readiness = 'ready' | 'starting' | 'withheld';

/** Pods are the most and the largest of what is watched. */
export function slimPod(pod: ObservedPod & KubeObject): GatePod {
  const { apiVersion, kind, metadata, status } = pod;
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels, annotations } = metadata;
  const running = status?.containerStatuses?.find(({ name }) => name === labels?.[label.process])?.state?.running;
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels };
  return {
    apiVersion,
    kind,
    metadata: { ...kept, ...keptAnnotations(annotations) },
    machineId: machineIdOf(pod),
    isScheduled: pod.spec?.nodeName !== undefined,
    address: status?.podIP ?? '',
    isRunning: running !== undefined,
    readiness: readinessOf(pod, running?.startedAt),
    hasEnded: status?.phase === 'Succeeded' || status?.phase === 'Failed',
  } as GatePod;
}

function keptAnnotations(all: Readonly<Record<string, string>> = {}): { annotations?: Record<string, string> } {
  const kept = Object.entries(all).filter(([name]) => name === leavingAnnotation || name === suspendedAnnotation);
  return kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {};
}

/**
 * Until the checks pass for the first time Ready is as it was before the program began: the kubelet writes the time of a
 * condition when its status changes, and a program that ends takes Ready away before it is started again
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions). Checks beside the first one are
 * containers of their own, and Ready is for all of them.
 */
function readinessOf({ metadata, spec, status }: ObservedPod, startedAt = ''): Readiness {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return 'ready';
  const hasFailed = startedAt !== '' && (ready?.lastTransitionTime ?? '') > startedAt;
  const program = spec?.containers.find(({ name }) => name === metadata.labels?.[label.process]);
  return hasFailed || program?.readinessProbe?.exec ? 'withheld' : 'starting';
}

/** A machine of an App is its pod (src/desired/environment.ts); a Machine has an id of its own, for all of its pods. */
function machineIdOf({ metadata, spec }: ObservedPod): string {
  const program = spec?.containers.find(({ name }) => name === metadata.labels?.[label.process]);
  return program?.env?.find(({ name }) => name === 'FLY_MACHINE_ID')?.value ?? metadata.name;
}

/** `namespace/name` of the App of a pod or of a route. */
export const appKey = (namespace: string | undefined, app: string | undefined) => `${namespace}/${app}`;

export const appOf = ({ metadata }: GatePod) => appKey(metadata.namespace, metadata.labels?.[label.app]);

/** What a gate knows of machines beyond what their pods say. */
export interface Known {
  /** Whether a machine of this id is to get nothing new. */
  readonly isDrained: (id: string) => boolean;
  /** Whether a suspended machine is being resumed. */
  readonly isResuming: (pod: GatePod) => boolean;
}

/**
 * The machines of a route. As long as one passes its checks and stays, the others wait until they do, too; where none
 * does, a machine that starts is not kept waiting for the kubelet.
 */
export function machinesOf(route: Route, pods: readonly GatePod[], known: Known): Machine[] {
  const found = new Map<string, { readonly pod: GatePod; readonly machine: Machine }>();
  const own = pods.filter((pod) => pod.address && isOf(route, pod));
  const enough = own.some((pod) => isReady(pod, 'ready') && !isHeldBack(pod, known)) ? 'ready' : 'starting';
  for (const pod of own) {
    const { machineId: name, address } = pod;
    const region = pod.metadata.labels?.[label.region];
    const machine = { name, address, region, ready: isReady(pod, enough), leaving: isHeldBack(pod, known) };
    const other = found.get(name)?.pod;
    if (!other || isBefore(other, pod)) found.set(name, { pod, machine });
  }
  return [...found.values()].map(({ machine }) => machine);
}

function isReady({ isRunning, readiness }: GatePod, enough: 'ready' | 'starting'): boolean {
  return isRunning && (readiness === 'ready' || readiness === enough);
}

/** Whether a machine of the route is or will be there without being asked for; one without an address yet counts, too. */
export function isExpected(route: Route, pods: readonly GatePod[], known: Known): boolean {
  return pods.some((pod) => isOf(route, pod) && !isHeldBack(pod, known));
}

/**
 * The suspended machine to be resumed for a route, one that answers before others. One that is drained is just being
 * suspended, by an operator who says when it is done.
 */
export function toResume(route: Route, pods: readonly GatePod[], known: Known): GatePod | undefined {
  const own = pods.filter(
    (pod) => isOf(route, pod) && isSuspended(pod) && !isLeaving(pod) && !known.isDrained(pod.machineId),
  );
  return own.find((pod) => isReady(pod, 'ready')) ?? own[0];
}

/** Whether a node has a machine that will be there. */
export function isScheduled(route: Route, pods: readonly GatePod[]): boolean {
  return pods.some((pod) => pod.isScheduled && isOf(route, pod) && !isLeaving(pod));
}

/** Whether one gets nothing new but is not being stopped: it may still be kept. */
export function mayStay(route: Route, pods: readonly GatePod[], known: Known): boolean {
  return pods.some((pod) => isOf(route, pod) && !pod.metadata.deletionTimestamp && isHeldBack(pod, known));
}

/** What runs for a release or for a Schedule has the label of its App, but serves nothing. */
function isOf({ namespace, app, machines }: Route, { metadata, hasEnded }: GatePod): boolean {
  const { labels = {} } = metadata;
  const { slot, processes, machine } = machines;
  return (
    metadata.namespace === namespace &&
    labels[label.app] === app &&
    !labels[label.role] &&
    !labels[label.schedule] &&
    (slot === undefined || labels[label.slot] === slot) &&
    (processes === undefined || processes.includes(labels[label.process] ?? '')) &&
    (machine === undefined || labels[label.machine] === machine) &&
    !hasEnded
  );
}

function isHeldBack(pod: GatePod, { isDrained, isResuming }: Known): boolean {
  return isLeaving(pod) || isDrained(pod.machineId) || (isSuspended(pod) && !isResuming(pod));
}

const isSuspended = ({ metadata }: GatePod) => metadata.annotations?.[suspendedAnnotation] !== undefined;

const isLeaving = ({ metadata }: GatePod) =>
  metadata.deletionTimestamp !== undefined || metadata.annotations?.[leavingAnnotation] !== undefined;

/** Of two pods of one Machine the one that stays is meant, and of these the newer one. */
function isBefore(one: GatePod, other: GatePod): boolean {
  if (isLeaving(one) !== isLeaving(other)) return isLeaving(one);
  return (one.metadata.creationTimestamp ?? '') < (other.metadata.creationTimestamp ?? '');
}
