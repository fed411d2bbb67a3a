import { wholeSeconds } from '../api/duration.ts';
import type { Deployment, PodTemplate } from '../api/kubernetes.ts';
import { workloadLabels, workloadSelector } from './labels.ts';
import { podTemplate } from './pod.ts';
import { scaledAnnotations } from './scaled.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

type Strategy = NonNullable<NonNullable<Deployment['spec']>['strategy']>;
type RollingUpdate = NonNullable<Strategy['rollingUpdate']>;

/** Machines without volumes. */
export function deployment(workload: Workload, settings: Settings): Deployment {
  const { app, count, name, scale } = workload;
  const template = podTemplate(workload, settings);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: app.metadata.namespace,
      labels: workloadLabels(workload),
      ...scaledAnnotations(scale),
    },
    spec: {
      ...(!scale && { replicas: count }),
      selector: { matchLabels: workloadSelector(workload) },
      strategy: { type: 'RollingUpdate', rollingUpdate: rollingUpdate(workload) },
      // The API server refuses one that is not beyond minReadySeconds.
      progressDeadlineSeconds: wholeSeconds(app.spec.deploy.waitTimeout, steadySeconds + 1),
      revisionHistoryLimit: 1,
      ...minReady(template),
      template,
    },
  };
}

/**
 * New machines come before old ones go, so that no strategy leaves an App without a machine: at least one of the old
 * ones stays until a new one serves, whatever `maxUnavailable` says. `rolling` counts as Fly does, `immediate` starts all
 * new machines at once; a set that serves nobody yet has nothing to spare.
 */
function rollingUpdate({ app, count, scale }: Workload): RollingUpdate {
  const { strategy, maxUnavailable } = app.spec.deploy;
  if (strategy === 'immediate' || strategy === 'bluegreen') return { maxUnavailable: 0, maxSurge: '100%' };
  const most = unavailable(maxUnavailable, count);
  return { maxUnavailable: scale ? shareOf(most, count) : most, maxSurge: '25%' };
}

/** Of those that run, however many these are: rounded down by Kubernetes it is never all of them. */
function shareOf(most: number, count: number): number | string {
  return most === 0 ? 0 : `${Math.min(99, Math.ceil((100 * most) / count))}%`;
}

/** For how long a machine without a check has to run before it counts. */
export const steadySeconds = 5;

/**
 * How long a machine has to run before it counts. A check tells when it works; without one all that can be seen is that
 * it does not end at once, as in Fly's smoke check.
 */
export function minReady({ spec }: PodTemplate): { minReadySeconds?: number } {
  return spec?.containers.some(({ readinessProbe }) => readinessProbe) ? {} : { minReadySeconds: steadySeconds };
}

/** Machines of `count` that may be missing while they are replaced: a number, or a percentage rounded down. */
export function unavailable(maxUnavailable: number | string, count: number): number {
  const wanted =
    typeof maxUnavailable === 'number'
      ? maxUnavailable
      : Math.floor((Number.parseInt(maxUnavailable, 10) * count) / 100);
  return Math.max(0, Math.min(wanted, count - 1));
}
