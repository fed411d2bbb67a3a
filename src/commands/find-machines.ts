import type { ObservedPod } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import { machines } from '../controller/resources.ts';
import { isForbidden } from '../kube/errors.ts';
import { pods } from '../kube/resources.ts';
import { type ListedMachine, listMachines, machineSelector } from './machine-list.ts';
import type { Session } from './session.ts';

/** The machines of an App: pods of its own, and its Machines. */
export async function machinesOfApp(
  { client, namespace }: Pick<Session, 'client' | 'namespace'>,
  app: string,
): Promise<ListedMachine[]> {
  const [own, objects] = await Promise.all([
    client.list<ObservedPod>(pods, { namespace, labelSelector: machineSelector(app) }),
    client.list<Machine>(machines, { namespace }).catch(nothingAllowed),
  ]);
  const mine = objects.items.filter(({ spec }) => spec.app === app);
  return listMachines(own.items, mine);
}

/** Who may deploy an App need not see Machines: the App's own are shown then. */
function nothingAllowed(error: unknown): { readonly items: readonly Machine[] } {
  if (isForbidden(error)) return { items: [] };
  throw error;
}
