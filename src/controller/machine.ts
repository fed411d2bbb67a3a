import { type Machine, machineSpecSchema } from '../api/machine.ts';
import { type MachineStatus, machineStatusSchema } from '../api/machine-status.ts';
import { read } from '../api/read.ts';
import type { Settings } from '../desired/settings.ts';
import type { Client } from '../kube/client.ts';
import type { KubeObject } from '../kube/types.ts';
import { destroyingStatus } from '../status/machine.ts';
import type { Children } from './apply.ts';
import type { Caches, StoredObject } from './caches.ts';
import type { Checks } from './checks.ts';
import type { Reconcile } from './controller.ts';
import { Expectations } from './expectations.ts';
import { GonePods } from './gone-pods.ts';
import { machineLife } from './machine-life.ts';
import { reconciler } from './reconciler.ts';
import type { StatusWriter } from './status-writer.ts';

export interface MachineControllerOptions {
  readonly client: Client;
  readonly caches: Caches;
  readonly children: Children;
  readonly status: StatusWriter;
  readonly checks: Pick<Checks, 'keep' | 'results'>;
  readonly settings: Settings;
  readonly now?: () => Date;
}

const schemas = { spec: machineSpecSchema, status: machineStatusSchema };

/** How soon to look again whether the cache has caught up; its change wakes the Machine as well. */
const catchUpMs = 50;

/**
 * Makes the children of a Machine what they should be, and its status what it is. What a Machine does next depends on what
 * its status says that it did last, so it waits until the cache has seen that.
 */
export function machineReconciler(options: MachineControllerOptions): Reconcile {
  const { caches, now = () => new Date() } = options;
  const { store } = caches.machines;
  const expectations = new Expectations();
  const gone = new GonePods(caches.pods);
  const write = async (stored: StoredObject, status: MachineStatus, signal?: AbortSignal) => {
    const written = await options.status.write(stored, status, signal);
    if (written) expectations.expect(keyOfStored(stored), [written]);
    return written;
  };
  const isBehind = (stored: StoredObject) => options.status.isBehind(stored);
  const live = reconciler({
    store,
    schemas,
    status: { isBehind, write },
    now,
    reconcile: machineLife({ ...options, gone }),
  });
  return async (key, context) => {
    if (!expectations.areMet(key, store)) return { requeueAfterMs: catchUpMs };
    const stored = store.get(key);
    if (!stored) return void [gone.forget(key), options.checks.keep(key, [])];
    if (!stored.metadata.deletionTimestamp) return live(key, context);
    const machine = read(stored as StoredObject & KubeObject, schemas);
    await write(stored, destroyingStatus(machine as Machine, now()), context.signal);
    return undefined;
  };
}

const keyOfStored = ({ metadata }: StoredObject) => `${metadata.namespace}/${metadata.name}`;
