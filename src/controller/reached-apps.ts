import type { ObservedService } from '../api/kubernetes.ts';
import { label, routesAnnotation } from '../api/meta.ts';
import type { NetworkPeer } from '../api/network.ts';
import { readRoutes, type ServiceWithRoutes } from '../api/read-routes.ts';
import { allReachedBy, type RoutesAhead } from '../desired/reached.ts';
import type { Store } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';

/** An App as it is stored, or as it was read. */
type AnyApp = Pick<KubeObject, 'metadata'> & { readonly spec?: unknown };
type StoredService = ObservedService & KubeObject;

/** What may name the Service of an App with gated ports: for an index of the cache. */
export function reachableAs({ metadata }: KubeObject): string[] {
  const app = metadata.labels?.[label.app];
  if (!app || !metadata.annotations?.[routesAnnotation]) return [];
  return [`${metadata.namespace}/${app}`, `${metadata.namespace}/*`];
}

/** What an App names in `network.egress`: for an index of the cache. */
export function reaches({ metadata, spec }: AnyApp): string[] {
  const { network } = (spec ?? {}) as { network?: { egress?: readonly NetworkPeer[] } };
  return allReachedBy(network?.egress ?? [], metadata.namespace ?? '');
}

/** The gated ports of those that an App names there. */
export function routesAhead(app: AnyApp, services: Pick<Store<StoredService>, 'byIndex'>): RoutesAhead {
  const routesOf = (name: string) =>
    services.byIndex('reachable', name).flatMap((service) => readRoutes(service as ServiceWithRoutes).routes);
  return new Map(reaches(app).map((name) => [name, routesOf(name)]));
}
