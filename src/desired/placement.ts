import type { PodSpec } from '../api/kubernetes.ts';
import { nodeLabelsOf, nodeRegionLabel } from '../api/region.ts';
import { gpuRequirements } from './gpu.ts';
import { workloadSelector } from './labels.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

/** Where machines of a workload go: to nodes of their region that have their GPU, spread over zones and nodes. */
export function placement(
  workload: Workload,
  settings: Settings,
): Pick<PodSpec, 'affinity' | 'topologySpreadConstraints'> {
  const alone = workload.own !== undefined;
  return { ...nodeAffinity(workload, settings), ...(!alone && { topologySpreadConstraints: spread(workload) }) };
}

/** A region that is preferred gives way where no node of it has room, so that an App runs on any cluster. */
export function nodeAffinity(
  { region, group }: Pick<Workload, 'region' | 'group'>,
  { regions }: Settings,
): Pick<PodSpec, 'affinity'> {
  const here = region ? [{ key: nodeRegionLabel, operator: 'In', values: [...nodeLabelsOf(region, regions)] }] : [];
  const required = [...(regions.mode === 'require' ? here : []), ...gpuRequirements(group.vm)];
  const preferred = regions.mode === 'prefer' ? here : [];
  if (required.length + preferred.length === 0) return {};
  return {
    affinity: {
      nodeAffinity: {
        ...(required.length > 0 && {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: required }] },
        }),
        ...(preferred.length > 0 && {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 100, preference: { matchExpressions: preferred } },
          ],
        }),
      },
    },
  };
}

/** What tells the pods of one revision from those of the one before; the revisions of a Job are Jobs of their own. */
const revisionLabels = {
  Deployment: ['pod-template-hash'],
  StatefulSet: ['controller-revision-hash'],
  Job: [],
} as const satisfies Record<Workload['kind'], readonly string[]>;

/**
 * Machines of one revision are spread among themselves: those of the revision before, which are on their way out, do not
 * push them away. It does not depend on the number of machines, so that another number changes no pod.
 */
function spread(workload: Workload): NonNullable<PodSpec['topologySpreadConstraints']> {
  const revision = revisionLabels[workload.kind];
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: workloadSelector(workload) },
    ...(revision.length > 0 && { matchLabelKeys: [...revision] }),
  }));
}
