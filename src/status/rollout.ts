import type { ObservedDeployment } from '../api/kubernetes.ts';

/** How far a workload is. */
export interface Rollout {
  readonly desired: number;
  readonly ready: number;
  /** All machines are of the newest template, serve, and none of an older one is left. */
  readonly done: boolean;
  /** Kubernetes has given up waiting, with its reason. */
  readonly failed?: string;
}

/** What a Deployment tells of its rollout, after `kubectl rollout status` (kubectl, polymorphichelpers/rollout_status.go). */
export function rolloutOf(deployment: ObservedDeployment): Rollout {
  const { spec, status = {}, metadata } = deployment;
  const desired = spec?.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const seen = observedGeneration >= (metadata.generation ?? 0);
  const failure = status.conditions?.find(
    ({ type, status: holds, reason }) =>
      (type === 'Progressing' && holds === 'False') || (type === 'ReplicaFailure' && holds === 'True' && reason),
  );
  return {
    desired,
    ready: Math.min(availableReplicas, desired),
    done: seen && updatedReplicas === desired && replicas === desired && availableReplicas === desired,
    ...(seen && failure && { failed: failure.message ?? failure.reason ?? 'the rollout failed' }),
  };
}
