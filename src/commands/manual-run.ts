import type { CronJob, ObservedCronJob } from '../api/kubernetes.ts';
import type { OwnerReference } from '../kube/types.ts';

/** As `kubectl create job --from` marks what it makes. */
const instantiate = 'cronjob.kubernetes.io/instantiate';

type JobSpec = NonNullable<NonNullable<CronJob['spec']>['jobTemplate']['spec']>;

export interface ManualJob {
  readonly apiVersion: 'batch/v1';
  readonly kind: 'Job';
  readonly metadata: {
    readonly generateName: string;
    readonly namespace: string | undefined;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
    readonly ownerReferences: OwnerReference[];
  };
  readonly spec: JobSpec;
}

/**
 * A run that is begun by hand: the Job that the CronJob would make, which owns it, so that it is counted, kept and cleaned
 * up like the others. The name of a Schedule leaves room for what is added here, and for five letters of the API server.
 */
export function manualRun({ metadata, spec }: ObservedCronJob): ManualJob {
  const { name, namespace, uid = '' } = metadata;
  const template = spec?.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      generateName: `${name}-now-`,
      namespace,
      labels: { ...template?.metadata?.labels },
      annotations: { ...template?.metadata?.annotations, [instantiate]: 'manual' },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name, uid, controller: true }],
    },
    spec: template?.spec as JobSpec,
  };
}
