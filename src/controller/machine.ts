import { machineSpecSchema } from '../api/machine.ts';
import { machineStatusSchema } from '../api/machine-status.ts';
import type { Settings } from '../desired/settings.ts';
import type { Client } from '../kube/client.ts';
import type { Children } from './apply.ts';
import type { Caches } from './caches.ts';
import type { Reconcile } from './controller.ts';
import { reconciler } from './reconciler.ts';
import type { StatusWriter } from './status-writer.ts';

export interface MachineControllerOptions {
  readonly client: Client;
  readonly caches: Caches;
  readonly children: Children;
  readonly status: StatusWriter;
  readonly settings: Settings;
  readonly now?: () => Date;
}

const schemas = { spec: machineSpecSchema, status: machineStatusSchema };

/** Makes the children of a Machine what they should be, and its status what it is. */
export function machineReconciler({ caches, status, now }: MachineControllerOptions): Reconcile {
  return reconciler({
    store: caches.machines.store,
    schemas,
    status,
    now,
    reconcile: async (work) => ({ status: work.status }),
  });
}
