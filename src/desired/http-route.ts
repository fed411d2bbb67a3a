import type { App } from '../api/app.ts';
import type { HttpRoute, Service } from '../api/kubernetes.ts';
import type { AppHost } from './hosts.ts';
import { httpPort } from './ingress.ts';
import { appLabels } from './labels.ts';
import { childName } from './names.ts';
import type { Edge } from './settings.ts';

/** What the API server takes in one HTTPRoute (gateway-api, apis/v1/httproute_types.go: `hostnames`, MaxItems). */
const mostHosts = 16;

/** How a Gateway serves the hosts of an App: one HTTPRoute, or as many as its hosts need. */
export function httpRoutes(
  app: App,
  hosts: readonly AppHost[],
  service: Service | undefined,
  edge: Edge | undefined,
): HttpRoute[] {
  const port = httpPort(service);
  if (edge?.kind !== 'httproute' || port === undefined) return [];
  const { name, namespace } = app.metadata;
  const rules = [{ backendRefs: [{ name, port }] }];
  return inParts(hosts.map(({ host }) => host)).map((hostnames, index) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: index === 0 ? name : childName(name, 'hosts', `${index}`), namespace, labels: appLabels(app) },
    spec: { parentRefs: [edge.gateway], hostnames, rules },
  }));
}

function inParts(hosts: readonly string[]): string[][] {
  const count = Math.ceil(hosts.length / mostHosts);
  return Array.from({ length: count }, (_, index) => hosts.slice(index * mostHosts, (index + 1) * mostHosts));
}
