interface Readable {
  metadata: { generation: number; deletionTimestamp?: string };
  status: { observedGeneration?: number | undefined; conditions?: { type: string; status: string }[] | undefined };
}

/**
 * What Flux, Argo and `kubectl` plugins make of an object's status: the generic rules of kstatus, in its order.
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
export function kstatus({ metadata, status }: Readable): 'Terminating' | 'InProgress' | 'Failed' | 'Current' {
  const is = (type: string, value: string) =>
    status.conditions?.some((condition) => condition.type === type && condition.status === value) ?? false;
  if (metadata.deletionTimestamp) return 'Terminating';
  if (status.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return 'InProgress';
  if (is('Reconciling', 'True')) return 'InProgress';
  if (is('Stalled', 'True')) return 'Failed';
  if (is('Ready', 'False') || is('Ready', 'Unknown')) return 'InProgress';
  return 'Current';
}
