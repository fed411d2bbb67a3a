import { secretSpecSchema, secretStatusSchema } from '../api/secret.ts';
import type { Settings } from '../desired/settings.ts';
import type { Client } from '../kube/client.ts';
import type { Children } from './apply.ts';
import type { Caches } from './caches.ts';
import type { Reconcile } from './controller.ts';
import { reconciler } from './reconciler.ts';
import type { StatusWriter } from './status-writer.ts';

export interface SecretControllerOptions {
  readonly client: Client;
  readonly caches: Caches;
  readonly children: Children;
  readonly status: StatusWriter;
  readonly settings: Settings;
  readonly now?: () => Date;
}

const schemas = { spec: secretSpecSchema, status: secretStatusSchema };

/** Makes the children of a Secret what they should be, and its status what it is. */
export function secretReconciler({ caches, status, now }: SecretControllerOptions): Reconcile {
  return reconciler({
    store: caches.secrets.store,
    schemas,
    status,
    now,
    reconcile: async (work) => ({ status: work.status }),
  });
}
