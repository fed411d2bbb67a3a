import type { DisruptionBudget } from '../api/kubernetes.ts';
import { workloadOwnLabels, workloadSelector } from './labels.ts';
import type { Workload } from './workloads.ts';

/**
 * Draining a node takes one machine of a workload at a time. One machine alone has no budget: none could be kept without
 * blocking the drain for ever. A machine that is not healthy may always go, so that one that crashes blocks no drain.
 * Machines of a Job have none: the eviction API cannot tell how many of a Job there should be
 * (https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors).
 */
export function disruptionBudget(workload: Workload): DisruptionBudget | undefined {
  const { app, count, name, role, kind } = workload;
  if (role !== 'machines' || kind === 'Job' || count < 2) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: app.metadata.namespace, labels: workloadOwnLabels(workload) },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: workloadSelector(workload) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
