import { namespaceChildren } from '../desired/namespace.ts';
import type { Settings } from '../desired/settings.ts';
import { isTerminating } from '../kube/errors.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import type { Children } from './apply.ts';
import type { Caches } from './caches.ts';
import type { Reconcile } from './controller.ts';

export interface NamespaceControllerOptions {
  readonly caches: Caches;
  readonly children: Children;
  readonly settings: Settings;
}

/** Gives a namespace with Apps what they share, and takes it away with the last App. */
export function namespaceReconciler({ caches, children, settings }: NamespaceControllerOptions): Reconcile {
  return async (namespace, { signal }) => {
    const shared = namespaceChildren(namespace, settings);
    const current = shared.map((child) => cached(child, caches)).filter((child) => child !== undefined);
    const apps = caches.apps.store.byIndex('namespace', namespace);
    const isLive = apps.some(({ metadata }) => !metadata.deletionTimestamp);
    try {
      await children.apply(undefined, isLive ? shared : [], current, signal);
    } catch (error) {
      if (!isTerminating(error)) throw error;
    }
    return undefined;
  };
}

function cached({ kind, metadata }: KubeObject, { services, configMaps }: Caches): KubeObject | undefined {
  const { store } = kind === 'ConfigMap' ? configMaps : services;
  return store.get(keyOf(metadata));
}
