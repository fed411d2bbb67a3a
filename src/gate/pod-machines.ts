import type { ObservedPod } from '../api/kubernetes.ts';
import { label, leavingAnnotation } from '../api/meta.ts';
import type { Route } from '../api/route.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Machine } from './machine.ts';

/** What a gate keeps of a pod. */
export interface GatePod extends KubeObject {
  /** What FLY_MACHINE_ID is in it. */
  readonly machineId: string;
  /** None yet where it is empty. */
  readonly address: string;
  /** Whether the program of the machine runs. */
  readonly isRunning: boolean;
  /** Whether all in it has ended, and will not be started again. */
  readonly hasEnded: boolean;
}

/** Pods are the most and the largest of what is watched. */
export function slimPod(pod: ObservedPod & KubeObject): GatePod {
  const { apiVersion, kind, metadata, status } = pod;
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels, annotations } = metadata;
  const leaving = annotations?.[leavingAnnotation];
  const program = status?.containerStatuses?.find((container) => container.name === labels?.[label.process]);
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels };
  return {
    apiVersion,
    kind,
    metadata: { ...kept, ...(leaving !== undefined && { annotations: { [leavingAnnotation]: leaving } }) },
    machineId: machineIdOf(pod),
    address: status?.podIP ?? '',
    isRunning: program?.state?.running !== undefined,
    hasEnded: status?.phase === 'Succeeded' || status?.phase === 'Failed',
  } as GatePod;
}

/** A machine of an App is its pod (src/desired/environment.ts); a Machine has an id of its own, for all of its pods. */
function machineIdOf({ metadata, spec }: ObservedPod): string {
  const program = spec?.containers.find(({ name }) => name === metadata.labels?.[label.process]);
  return program?.env?.find(({ name }) => name === 'FLY_MACHINE_ID')?.value ?? metadata.name;
}

/** `namespace/name` of the App of a pod or of a route. */
export const appKey = (namespace: string | undefined, app: string | undefined) => `${namespace}/${app}`;

export const appOf = ({ metadata }: GatePod) => appKey(metadata.namespace, metadata.labels?.[label.app]);

/** The machines of a route. `isDrained`: whether a machine of this id is to get nothing new, whatever its pod says. */
export function machinesOf(route: Route, pods: readonly GatePod[], isDrained: (id: string) => boolean): Machine[] {
  const found = new Map<string, { readonly pod: GatePod; readonly machine: Machine }>();
  for (const pod of pods.filter((one) => one.address && isOf(route, one))) {
    const { machineId: name, address, isRunning: ready } = pod;
    const machine = { name, address, ready, leaving: isLeaving(pod) || isDrained(name) };
    const other = found.get(name)?.pod;
    if (!other || isBefore(other, pod)) found.set(name, { pod, machine });
  }
  return [...found.values()].map(({ machine }) => machine);
}

/** Whether a machine of the route is or will be there without being asked for; one without an address yet counts, too. */
export function isExpected(route: Route, pods: readonly GatePod[], isDrained: (id: string) => boolean): boolean {
  return pods.some((pod) => isOf(route, pod) && !isLeaving(pod) && !isDrained(pod.machineId));
}

/** Whether one gets nothing new but is not being stopped: it may still be kept. */
export function mayStay(route: Route, pods: readonly GatePod[], isDrained: (id: string) => boolean): boolean {
  const isHeldBack = (pod: GatePod) => isLeaving(pod) || isDrained(pod.machineId);
  return pods.some((pod) => isOf(route, pod) && !pod.metadata.deletionTimestamp && isHeldBack(pod));
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

const isLeaving = ({ metadata }: GatePod) =>
  metadata.deletionTimestamp !== undefined || metadata.annotations?.[leavingAnnotation] !== undefined;

/** Of two pods of one Machine the one that stays is meant, and of these the newer one. */
function isBefore(one: GatePod, other: GatePod): boolean {
  if (isLeaving(one) !== isLeaving(other)) return isLeaving(one);
  return (one.metadata.creationTimestamp ?? '') < (other.metadata.creationTimestamp ?? '');
}
