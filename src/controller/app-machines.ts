import type { MachineService } from '../api/machine.ts';
import { machineSpecSchema } from '../api/machine.ts';
import type { Caches, StoredObject } from './caches.ts';

/** Reading one costs more than everything else, and each is read at every look at its App. */
const known = new WeakMap<StoredObject, readonly MachineService[]>();

/** What the Machines of an App serve. One that cannot be read serves nothing; its own status says why. */
export function servicesOfMachines(key: string, { machines }: Pick<Caches, 'machines'>): MachineService[] {
  return machines.store.byIndex('app', key).flatMap((stored) => {
    const services = known.get(stored) ?? servicesOf(stored);
    known.set(stored, services);
    return services;
  });
}

function servicesOf({ metadata, spec }: StoredObject): readonly MachineService[] {
  if (metadata.deletionTimestamp) return [];
  return machineSpecSchema.safeParse(spec).data?.services ?? [];
}
