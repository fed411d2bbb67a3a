import { namespaceServices } from '../desired/internal.ts';
import { isTerminating } from '../kube/errors.ts';
import type { Children } from './apply.ts';
import type { Caches } from './caches.ts';
import type { Reconcile } from './controller.ts';

/** Gives a namespace with Apps the Services that its names need, and takes them away with the last App. */
export function namespaceReconciler({ caches, children }: { caches: Caches; children: Children }): Reconcile {
  return async (namespace, { signal }) => {
    const services = namespaceServices(namespace);
    const current = services
      .map(({ metadata }) => caches.services.store.get(`${namespace}/${metadata.name}`))
      .filter((service) => service !== undefined);
    const apps = caches.apps.store.byIndex('namespace', namespace);
    const isLive = apps.some(({ metadata }) => !metadata.deletionTimestamp);
    try {
      await children.apply(undefined, isLive ? services : [], current, signal);
    } catch (error) {
      if (!isTerminating(error)) throw error;
    }
    return undefined;
  };
}
