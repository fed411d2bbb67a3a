import type { App } from '../api/app.ts';
import type { Ingress, Service } from '../api/kubernetes.ts';
import type { AppHost } from './hosts.ts';
import { appLabels } from './labels.ts';
import type { Edge } from './settings.ts';

/** How an ingress controller of the cluster serves the hosts of an App; undefined where it has nothing to serve. */
export function ingress(
  app: App,
  hosts: readonly AppHost[],
  service: Service | undefined,
  edge: Edge | undefined,
): Ingress | undefined {
  const port = httpPort(service);
  if (edge?.kind !== 'ingress' || hosts.length === 0 || port === undefined) return undefined;
  const { name, namespace } = app.metadata;
  const backend = { service: { name, port: { number: port } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  const tls = tlsOf(hosts);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, labels: appLabels(app) },
    spec: {
      ...(edge.ingressClass !== undefined && { ingressClassName: edge.ingressClass }),
      rules: hosts.map(({ host }) => ({ host, http })),
      ...(tls.length > 0 && { tls }),
    },
  };
}

/** The port of an App's Service that speaks HTTP without TLS: 80, else the first one. */
export function httpPort(service: Service | undefined): number | undefined {
  const ports = (service?.spec?.ports ?? []).filter(({ appProtocol }) => appProtocol === 'http');
  return (ports.find(({ port }) => port === 80) ?? ports[0])?.port;
}

function tlsOf(hosts: readonly AppHost[]) {
  const withSecret = hosts.filter(({ tlsSecretName }) => tlsSecretName !== undefined);
  const bySecret = Map.groupBy(withSecret, ({ tlsSecretName }) => tlsSecretName ?? '');
  return [...bySecret].map(([secretName, all]) => ({ secretName, hosts: all.map(({ host }) => host) }));
}
