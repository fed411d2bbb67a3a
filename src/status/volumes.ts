import type { ConditionClaim } from '../api/conditions.ts';
import type { ObservedClaim } from '../api/kubernetes.ts';
import type { ObservedSnapshot, VolumeProblem, VolumesObserved } from '../api/volume.ts';
import type { VolumeOwner } from '../desired/claims.ts';
import { historiesOf } from '../desired/snapshots.ts';

/** What the cluster itself says is wrong with the volumes of an App or a Machine. */
export function volumeTroubles(of: VolumeOwner, { claims, snapshots }: VolumesObserved): VolumeProblem[] {
  return [...claims.flatMap(claimTroubles), ...(snapshots ? failedSnapshots(snapshots) : unscheduledSnapshots(of))];
}

/**
 * The condition `VolumesImpaired`, there only while it is true. It says nothing about `Ready`: the machines run with the
 * volumes that they have.
 */
export function volumesClaim(problems: readonly VolumeProblem[]): ConditionClaim[] {
  if (problems.length === 0) return [];
  const message = problems.map(({ volume, message }) => `${volume}: ${message}`).join('; ');
  return [{ type: 'VolumesImpaired', status: 'True', reason: 'VolumeProblem', message: message.slice(0, 32_768) }];
}

/** Conditions of a claim whose storage could not make it larger: k8s.io/api/core/v1, PersistentVolumeClaimConditionType. */
const resizeErrors = ['ControllerResizeError', 'NodeResizeError'];

function claimTroubles({ metadata: { name }, status }: ObservedClaim): VolumeProblem[] {
  const lost = status?.phase === 'Lost' ? [{ volume: name, message: 'its PersistentVolume is gone' }] : [];
  const errors = (status?.conditions ?? []).filter(
    ({ type, status }) => resizeErrors.includes(type) && status === 'True',
  );
  return [
    ...lost,
    ...errors.map(({ message }) => ({ volume: name, message: `cannot grow: ${message ?? 'no reason given'}` })),
  ];
}

function failedSnapshots(snapshots: readonly ObservedSnapshot[]): VolumeProblem[] {
  return [...historiesOf(snapshots)].flatMap(([volume, [newest]]) => {
    const error = newest?.status?.error;
    if (!newest || !error || newest.status?.readyToUse) return [];
    return [{ volume, message: `snapshot ${newest.metadata.name} failed: ${error.message ?? 'no reason given'}` }];
  });
}

function unscheduledSnapshots({ spec }: VolumeOwner): VolumeProblem[] {
  const message =
    'no snapshots are made, because the cluster does not have VolumeSnapshot (snapshot.storage.k8s.io/v1): install the CSI snapshot controller, then restart the operator';
  return spec.mounts.filter(({ snapshots }) => snapshots).map(({ name }) => ({ volume: name, message }));
}
