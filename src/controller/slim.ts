import type { ObservedClaim, ObservedPod } from '../api/kubernetes.ts';
import { suspendedAnnotation } from '../api/meta.ts';
import type { KubeObject } from '../kube/types.ts';

const toldConditions: ReadonlySet<string> = new Set([
  'PodScheduled',
  'PodReadyToStartContainers',
  'Ready',
  'PodResizePending',
]);

/** Pods are the most and the largest of what is watched; only what tells how a machine is doing is kept. */
export function slimPod<T extends ObservedPod & KubeObject>({ apiVersion, kind, metadata, spec, status }: T): T {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels, annotations } = metadata;
  const suspended = annotations?.[suspendedAnnotation];
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels };
  const conditions = status?.conditions?.filter(({ type }) => toldConditions.has(type));
  type Containers = NonNullable<typeof status>['containerStatuses'];
  const slim = (containers: Containers) =>
    containers?.map(({ name, ready, restartCount, state, lastState }) => ({
      name,
      ready,
      restartCount,
      state,
      lastState,
    }));
  return {
    apiVersion,
    kind,
    metadata: { ...kept, ...(suspended !== undefined && { annotations: { [suspendedAnnotation]: suspended } }) },
    spec: slimSpec(spec),
    status: {
      phase: status?.phase,
      podIP: status?.podIP,
      qosClass: status?.qosClass,
      conditions: conditions?.map(({ type, status, reason, lastTransitionTime, message }) => ({
        type,
        status,
        reason,
        lastTransitionTime,
        message,
      })),
      containerStatuses: slim(status?.containerStatuses),
      initContainerStatuses: slim(status?.initContainerStatuses),
    },
  } as unknown as T;
}

/** What a machine may wait for, its volumes and its checks, and the CPU that may be taken from it. */
function slimSpec(spec: ObservedPod['spec']) {
  return {
    nodeName: spec?.nodeName,
    volumes: spec?.volumes?.map(({ name, secret, configMap, persistentVolumeClaim }) => ({
      name,
      secret,
      configMap,
      persistentVolumeClaim,
    })),
    containers: spec?.containers.map(({ name, resources, readinessProbe: { httpGet, tcpSocket } = {} }) => ({
      name,
      resources: { requests: cpuIn(resources?.requests), limits: cpuIn(resources?.limits) },
      readinessProbe: { httpGet: httpGet && { ...httpGet, httpHeaders: undefined }, tcpSocket },
    })),
  };
}

const cpuIn = (quantities: Record<string, string> | undefined) => quantities?.cpu && { cpu: quantities.cpu };

/** What says how large a volume is, what it is for and what is wrong with it. */
export function slimClaim<T extends ObservedClaim & KubeObject>({ apiVersion, kind, metadata, spec, status }: T): T {
  const { annotations: _, ...rest } = metadata;
  const { phase, capacity, conditions } = status ?? {};
  return {
    apiVersion,
    kind,
    metadata: rest,
    spec: { resources: { requests: spec?.resources?.requests } },
    status: { phase, capacity, conditions },
  } as T;
}

/** Nodes report every few minutes; only their labels matter. */
export function slimNode<T extends KubeObject>({ apiVersion, kind, metadata }: T): T {
  const { name, uid, resourceVersion, labels } = metadata;
  return { apiVersion, kind, metadata: { name, uid, resourceVersion, labels } } as T;
}
