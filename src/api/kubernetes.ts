import type {
  V1ConfigMap,
  V1Container,
  V1ControllerRevision,
  V1CronJob,
  V1Deployment,
  V1EndpointSlice,
  V1Ingress,
  V1Job,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1NodeSelectorRequirement,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodTemplateSpec,
  V1Probe,
  V1ResourceRequirements,
  V1Secret,
  V1Service,
  V1StatefulSet,
  V1Toleration,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';

/**
 * A type of `@kubernetes/client-node` as it really travels: its models say `Date` where the wire has a string, and give
 * some fields other names. Only its types are used; its runtime models drop fields that they do not know.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer U)[]
    ? Wire<U>[]
    : T extends object
      ? { [K in keyof T as K extends '_from' ? 'from' : K]: Wire<T[K]> }
      : T;

/** What every child has: enough for it to be applied, compared and pruned. */
export type Child<T> = Omit<Wire<T>, 'apiVersion' | 'kind' | 'metadata' | 'status'> & {
  apiVersion: string;
  kind: string;
  metadata: ChildMeta;
};

export interface ChildMeta {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

/** What a child looks like when it is read back. */
export type Observed<T> = Omit<Wire<T>, 'apiVersion' | 'kind' | 'metadata'> & {
  apiVersion: string;
  kind: string;
  metadata: Wire<V1ObjectMeta> & { name: string };
};

export type Deployment = Child<V1Deployment>;
export type Service = Child<V1Service>;
export type NetworkPolicy = Child<V1NetworkPolicy>;
export type ConfigMap = Child<V1ConfigMap>;
/** Of core, not of Airfield. */
export type CoreSecret = Child<V1Secret>;
export type CronJob = Child<V1CronJob>;
export type EndpointSlice = Child<V1EndpointSlice>;
export type StatefulSet = Child<V1StatefulSet>;
export type Job = Child<V1Job>;
export type ControllerRevision = Child<V1ControllerRevision>;
/** Never among the children, which are deleted when they are not desired any more: it holds data. */
export type Claim = Child<V1PersistentVolumeClaim>;
export type DisruptionBudget = Child<V1PodDisruptionBudget>;
export type Ingress = Child<V1Ingress>;
export type AnyChild =
  | Deployment
  | StatefulSet
  | Job
  | Service
  | NetworkPolicy
  | EndpointSlice
  | ConfigMap
  | CoreSecret
  | CronJob
  | ControllerRevision
  | DisruptionBudget
  | Ingress
  | HttpRoute
  | PodMonitor;

/** Of the Prometheus operator, whose types no package here brings. */
export type PodMonitor = Child<{ spec: Record<string, unknown> }>;
/** Of the Gateway API, whose types no package here brings. */
export type HttpRoute = Child<{ spec: Record<string, unknown> }>;

export type Container = Wire<V1Container>;
export type PodTemplate = Wire<V1PodTemplateSpec>;
export type Probe = Wire<V1Probe>;
export type Resources = Wire<V1ResourceRequirements>;
export type PodSpec = NonNullable<PodTemplate['spec']>;
export type Volume = Wire<V1Volume>;
export type VolumeMount = Wire<V1VolumeMount>;
export type Toleration = Wire<V1Toleration>;
export type NodeSelectorRequirement = Wire<V1NodeSelectorRequirement>;
export type NetworkPolicyPeer = Wire<V1NetworkPolicyPeer>;
export type NetworkPolicyPort = Wire<V1NetworkPolicyPort>;

export type ObservedDeployment = Observed<V1Deployment>;
export type ObservedStatefulSet = Observed<V1StatefulSet>;
export type ObservedJob = Observed<V1Job>;
export type ObservedWorkload = ObservedDeployment | ObservedStatefulSet | ObservedJob;
export type ObservedCronJob = Observed<V1CronJob>;
export type ObservedCoreSecret = Observed<V1Secret>;
export type ObservedRevision = Observed<V1ControllerRevision>;
export type ObservedClaim = Observed<V1PersistentVolumeClaim>;
export type ObservedService = Observed<V1Service>;
export type ObservedPod = Observed<V1Pod>;
