import type { ObservedClaim } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { parseBytes } from '../api/quantity.ts';
import type { Family, Labels } from '../exposition.ts';
import { type Key, type KubeObject, keyOf } from '../kube/types.ts';
import type { VolumeStats } from '../kube/volume-stats.ts';

/**
 * Volumes by the names of their claims, as kubelets call them in `kubelet_volume_stats_*`: those of all volumes are there,
 * and `airfield_volume_info` says whose they are. `used`: what the operator has asked kubelets for, by the key of the claim.
 */
export function volumeMetrics(
  claims: readonly (ObservedClaim & KubeObject)[],
  used: ReadonlyMap<Key, VolumeStats>,
): Family[] {
  const all = claims.filter(({ metadata }) => metadata.labels?.[label.mount] !== undefined);
  const gauge = (name: string, help: string, value: (claim: ObservedClaim) => number | undefined): Family => ({
    name: `airfield_volume_${name}`,
    help,
    type: 'gauge',
    samples: all.flatMap((claim) => {
      const number = value(claim);
      return number === undefined ? [] : [[labelsOf(claim), number] as const];
    }),
  });
  return [
    gauge('info', 'Volumes of Apps and Machines', () => 1),
    gauge('capacity_bytes', 'Size of a volume', ({ status }) => {
      const size = status?.capacity?.storage;
      return size === undefined ? undefined : parseBytes(size);
    }),
    gauge('used_ratio', 'How full a volume with autoExtend is, from 0 to 1', ({ metadata }) => {
      const stats = used.get(keyOf(metadata));
      return stats && stats.used / stats.capacity;
    }),
  ];
}

const labelsOf = ({ metadata: { namespace = '', name, labels = {} } }: ObservedClaim): Labels => ({
  namespace,
  app: labels[label.app] ?? '',
  persistentvolumeclaim: name,
});
