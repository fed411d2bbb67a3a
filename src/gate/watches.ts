import { label, manager, routesAnnotation } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import type { Log } from '../kube/log.ts';
import { pods, services } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { appOf, type GatePod, slimPod } from './pod-machines.ts';

export interface WatchOptions {
  readonly client: Client;
  readonly namespace: string | undefined;
  readonly log: Log;
}

/** What a gate watches: of Services and pods those that Airfield made, and of these only what says where requests go. */
export function createWatches(options: WatchOptions) {
  const ours = { ...options, labelSelector: `${label.managedBy}=${manager}` };
  return {
    services: new Informer<KubeObject>({ ...ours, resource: services, transform: slimService, metadataOnly: true }),
    pods: new Informer<GatePod>({
      ...ours,
      resource: pods,
      indexes: { app: (pod) => [appOf(pod)] },
      transform: (pod) => slimPod(pod as unknown as Parameters<typeof slimPod>[0]),
    }),
  };
}

function slimService({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels, annotations } = metadata;
  const routes = annotations?.[routesAnnotation];
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp, labels };
  const annotated = { ...kept, ...(routes !== undefined && { annotations: { [routesAnnotation]: routes } }) };
  return { apiVersion, kind, metadata: annotated } as KubeObject;
}
