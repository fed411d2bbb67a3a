import type { Job } from '../api/kubernetes.ts';
import { workloadLabels } from './labels.ts';
import { podTemplate } from './pod.ts';
import { retriesOf } from './restarts.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

/**
 * Machines that may end: one index of an Indexed Job each. None where there should be no machine, because a Job of none
 * is complete at once and never begins anew.
 *
 * A failed machine comes back as a new pod, since only then Kubernetes counts the tries of each machine for itself:
 * `restartPolicy: OnFailure` would count them for all machines together, and end those that are well with the others
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index). A pod that had to leave its
 * node has not failed.
 */
export function machineJob(workload: Workload, settings: Settings): Job | undefined {
  const { app, release, group, count, name } = workload;
  if (count === 0) return undefined;
  const { metadata, spec } = podTemplate(workload, settings);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: app.metadata.namespace, labels: workloadLabels(workload) },
    spec: {
      completionMode: 'Indexed',
      completions: count,
      parallelism: count,
      suspend: false,
      backoffLimitPerIndex: retriesOf(release.spec, group.name),
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        ...(metadata && { metadata }),
        spec: { ...spec, containers: spec?.containers ?? [], restartPolicy: 'Never' },
      },
    },
  };
}
