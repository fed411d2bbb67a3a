import type { AnyChild, ObservedDeployment, ObservedPod, ObservedService } from '../api/kubernetes.ts';
import { label, manager } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import type { Log } from '../kube/log.ts';
import * as resources from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { apps } from './resources.ts';

/** An App as it is stored: anything may be missing until it has been read. */
export interface StoredApp extends KubeObject {
  spec?: unknown;
  status?: unknown;
}

/** What the operator watches. Of built-in kinds only what Airfield made, so that memory grows with Apps alone. */
export type Caches = ReturnType<typeof createCaches>;

export function createCaches(options: { client: Client; namespace?: string | undefined; log: Log }) {
  const ours = { ...options, labelSelector: `${label.managedBy}=${manager}`, indexes: { owner: ownerUids } };
  return {
    apps: new Informer<StoredApp>({ ...options, resource: apps, indexes: { namespace: inNamespace } }),
    deployments: new Informer<ObservedDeployment & KubeObject>({ ...ours, resource: resources.deployments }),
    services: new Informer<ObservedService & KubeObject>({ ...ours, resource: resources.services }),
    networkPolicies: new Informer<AnyChild & KubeObject>({ ...ours, resource: resources.networkPolicies }),
    endpointSlices: new Informer<AnyChild & KubeObject>({ ...ours, resource: resources.endpointSlices }),
    pods: new Informer<ObservedPod & KubeObject>({
      ...ours,
      resource: resources.pods,
      indexes: { app: appOfPod },
      transform: slimPod,
    }),
  };
}

/** `namespace/name` of the App that a child belongs to. */
export function ownerKey({ metadata }: KubeObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === 'App');
  return owner && `${metadata.namespace}/${owner.name}`;
}

/** Key of the App that a pod is a machine of. */
export function appKeyOfPod({ metadata }: KubeObject): string | undefined {
  const app = metadata.labels?.[label.app];
  return app && `${metadata.namespace}/${app}`;
}

const ownerUids = ({ metadata }: KubeObject) => (metadata.ownerReferences ?? []).map(({ uid }) => uid);
const inNamespace = ({ metadata }: KubeObject) => [metadata.namespace ?? ''];
const appOfPod = (pod: KubeObject) => [appKeyOfPod(pod) ?? ''];

/** Pods are the most and the largest of what is watched; only what tells why a machine does not run is kept. */
function slimPod<T extends ObservedPod & KubeObject>({ apiVersion, kind, metadata, status }: T): T {
  const { conditions, containerStatuses } = status ?? {};
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels } = metadata;
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels };
  const scheduled = conditions?.filter(({ type }) => type === 'PodScheduled');
  const containers = containerStatuses?.map(({ name, state, lastState }) => ({ name, state, lastState }));
  return {
    apiVersion,
    kind,
    metadata: kept,
    status: { conditions: scheduled, containerStatuses: containers },
  } as unknown as T;
}

/** Everything in the caches that an App owns. */
export function childrenOf({ metadata }: KubeObject, caches: Caches): KubeObject[] {
  const uid = metadata.uid ?? '';
  const { networkPolicies, services, endpointSlices, deployments } = caches;
  return [networkPolicies, services, endpointSlices, deployments].flatMap(
    ({ store }) => store.byIndex('owner', uid) as KubeObject[],
  );
}
