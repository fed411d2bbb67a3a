import type { ConfigMap } from '../api/kubernetes.ts';
import { label, manager } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { isAlreadyExists } from '../kube/errors.ts';
import { secrets } from '../kube/resources.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import { type KeyRing, newKeyRing } from '../sealing/key-ring.ts';
import { dataOfKeyRing } from '../sealing/key-ring-data.ts';
import { keyRingSecretName, publicKeyConfigMapName, publishedData } from '../sealing/published-key.ts';
import type { Children } from './apply.ts';
import type { Caches } from './caches.ts';
import type { Controller, Reconcile } from './controller.ts';
import type { DataObject, SealingKeys } from './sealing-keys.ts';

export interface SealingKeysReconcilerOptions {
  readonly client: Pick<Client, 'create'>;
  readonly children: Pick<Children, 'apply'>;
  readonly keys: SealingKeys;
  readonly now?: () => Date;
}

/** Makes the sealing keys where there have never been any, and publishes the public half of the newest one. */
export function sealingKeysReconciler({ client, children, keys, now }: SealingKeysReconcilerOptions): Reconcile {
  return async (_, { signal }) => {
    const ring = await keys.ring();
    if (ring && keys.isStored) {
      const current = keys.published ? [keys.published] : [];
      await children.apply(undefined, [publicKeyConfigMap(keys.namespace, ring) as KubeObject], current, signal);
    } else {
      await createOnce(
        client,
        keyRingSecret(keys.namespace, ring ?? (await newKeyRing(now?.() ?? new Date()))),
        signal,
      );
    }
    return undefined;
  };
}

/**
 * Whoever comes second, another operator or this one with a cache that is behind, takes what the first has made. Never
 * applied: that would put other keys in the place of those that values are sealed for.
 */
async function createOnce(client: Pick<Client, 'create'>, secret: DataObject, signal: AbortSignal): Promise<void> {
  try {
    await client.create(secrets, secret, { fieldManager: manager, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** What the keys are looked at again for, and which Secrets when there are others. */
export function wakeSealingKeys(
  keys: SealingKeys,
  { secrets }: Pick<Caches, 'secrets'>,
  controllers: { readonly sealingKeys: Pick<Controller, 'enqueue'>; readonly secret: Pick<Controller, 'enqueue'> },
): void {
  const { sealingKeys, secret } = controllers;
  const look = () => sealingKeys.enqueue(keys.key);
  keys.onChange(() => {
    look();
    for (const { metadata } of secrets.store.list()) secret.enqueue(keyOf(metadata));
  });
  keys.onPublished(look);
  // Where there are no keys as yet, no change would ever tell of it.
  look();
}

function keyRingSecret(namespace: string, ring: KeyRing): DataObject {
  const metadata = { name: keyRingSecretName, namespace, labels: { [label.managedBy]: manager } };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: dataOfKeyRing(ring) };
}

function publicKeyConfigMap(namespace: string, ring: KeyRing): ConfigMap {
  const metadata = { name: publicKeyConfigMapName, namespace, labels: { [label.managedBy]: manager } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: publishedData(ring) };
}
