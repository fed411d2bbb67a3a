import { certificateHostsAnnotation, label, manager, routesAnnotation } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import type { Log } from '../kube/log.ts';
import { pods, secrets, services } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { CertificateSecret } from './certificates.ts';
import { appOf, type GatePod, slimPod } from './pod-machines.ts';

export interface WatchOptions {
  readonly client: Client;
  readonly namespace: string | undefined;
  /** Where certificates are. */
  readonly certificatesNamespace: string | undefined;
  readonly log: Log;
}

/**
 * What a gate watches: of Services and pods those that Airfield made, and of these only what says where requests go; and
 * certificates, if it is told where.
 */
export function createWatches(options: WatchOptions) {
  const { client, log, certificatesNamespace } = options;
  const ours = { ...options, labelSelector: `${label.managedBy}=${manager}` };
  return {
    services: new Informer<KubeObject>({ ...ours, resource: services, transform: slimService, metadataOnly: true }),
    pods: new Informer<GatePod>({
      ...ours,
      resource: pods,
      indexes: { app: (pod) => [appOf(pod)] },
      transform: (pod) => slimPod(pod as unknown as Parameters<typeof slimPod>[0]),
    }),
    ...(certificatesNamespace !== undefined && {
      certificates: new Informer<CertificateSecret>({
        client,
        log,
        namespace: certificatesNamespace,
        labelSelector: label.certificate,
        resource: secrets,
        transform: slimSecret,
      }),
    }),
  };
}

function slimSecret({ apiVersion, kind, metadata, type, data }: CertificateSecret): CertificateSecret {
  const { name, namespace, uid, resourceVersion, creationTimestamp, annotations } = metadata;
  const hosts = annotations?.[certificateHostsAnnotation];
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp };
  const annotated = { ...kept, ...(hosts !== undefined && { annotations: { [certificateHostsAnnotation]: hosts } }) };
  return { apiVersion, kind, metadata: annotated, type, data } as CertificateSecret;
}

function slimService({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels, annotations } = metadata;
  const routes = annotations?.[routesAnnotation];
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp, labels };
  const annotated = { ...kept, ...(routes !== undefined && { annotations: { [routesAnnotation]: routes } }) };
  return { apiVersion, kind, metadata: annotated } as KubeObject;
}
