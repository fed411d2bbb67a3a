import { scheduleSpecSchema, scheduleStatusSchema } from '../api/schedule.ts';
import type { Settings } from '../desired/settings.ts';
import type { Client } from '../kube/client.ts';
import type { Children } from './apply.ts';
import type { Caches } from './caches.ts';
import type { Reconcile } from './controller.ts';
import { reconciler } from './reconciler.ts';
import type { StatusWriter } from './status-writer.ts';

export interface ScheduleControllerOptions {
  readonly client: Client;
  readonly caches: Caches;
  readonly children: Children;
  readonly status: StatusWriter;
  readonly settings: Settings;
  readonly now?: () => Date;
}

const schemas = { spec: scheduleSpecSchema, status: scheduleStatusSchema };

/** Makes the children of a Schedule what they should be, and its status what it is. */
export function scheduleReconciler({ caches, status, now }: ScheduleControllerOptions): Reconcile {
  return reconciler({
    store: caches.schedules.store,
    schemas,
    status,
    now,
    reconcile: async (work) => ({ status: work.status }),
  });
}
