import type { ObservedWorkload } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';

/** How far a workload is. */
export interface Rollout {
  readonly desired: number;
  readonly ready: number;
  /** All machines are of the newest template, serve, and none of an older one is left. */
  readonly done: boolean;
  /** Version of the release that its newest template is of. */
  readonly version: number;
}

/** A workload of which the cluster has told nothing yet. */
export const unseen = (desired: number): Rollout => ({ desired, ready: 0, done: false, version: 0 });

/** What a workload tells of its rollout, after `kubectl rollout status` (kubectl, polymorphichelpers/rollout_status.go). */
export function rolloutOf({ spec, status = {}, metadata }: ObservedWorkload): Rollout {
  const desired = spec?.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const seen = observedGeneration >= (metadata.generation ?? 0);
  return {
    desired,
    ready: Math.min(availableReplicas, desired),
    done: seen && updatedReplicas === desired && replicas === desired && availableReplicas === desired,
    version: Number(spec?.template?.metadata?.labels?.[label.release] ?? 0),
  };
}
