import type { ObservedPod } from '../api/kubernetes.ts';
import { machinesInTheWay } from '../desired/machines-in-the-way.ts';
import type { Workload } from '../desired/workloads.ts';
import type { Client } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import { pods } from '../kube/resources.ts';

interface Tools {
  readonly client: Pick<Client, 'delete'>;
  readonly signal?: AbortSignal;
}

/** Takes away the machines with volumes that Kubernetes would wait for, for ever. */
export async function clearTheWay(
  workloads: readonly Workload[],
  machines: readonly ObservedPod[],
  { client, signal }: Tools,
): Promise<void> {
  const sets = workloads.filter(({ kind }) => kind === 'StatefulSet');
  for (const { metadata } of sets.flatMap((workload) => machinesInTheWay(workload, machines))) {
    try {
      await client.delete(pods, metadata, { uid: metadata.uid, signal });
    } catch (error) {
      // Gone already, or another one by now.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
