import type { StatefulSet } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { ReleaseMount } from '../api/release.ts';
import { type Mount, mountsSchema } from '../api/storage.ts';
import { claimSpec } from './claims.ts';
import { minReady, unavailable } from './deployment.ts';
import { mountsOf } from './groups.ts';
import { internalService } from './internal.ts';
import { appLabels, workloadLabels, workloadSelector } from './labels.ts';
import { volumeName } from './names.ts';
import { podTemplate } from './pod.ts';
import { scaledAnnotations } from './scaled.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

type ClaimTemplate = NonNullable<NonNullable<StatefulSet['spec']>['volumeClaimTemplates']>[number];

/**
 * Machines that have volumes.
 *
 * `Parallel` is what lets a good release replace machines of a broken one: with the default, `OrderedReady`, the
 * controller waits for ever for the broken ones to be ready (kubernetes/kubernetes#67250). What it waits for with `Parallel`
 * is in `machinesInTheWay`.
 *
 * Claims outlive the set, which must be made anew for what is immutable in it; who deletes them is told in `claims.ts`.
 */
export function statefulSet(workload: Workload, settings: Settings): StatefulSet {
  const { app, release, group, count, name, scale } = workload;
  const template = podTemplate(workload, settings);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name,
      namespace: app.metadata.namespace,
      labels: workloadLabels(workload),
      ...scaledAnnotations(scale),
    },
    spec: {
      ...(!scale && { replicas: count }),
      serviceName: internalService,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: workloadSelector(workload) },
      updateStrategy: { type: 'RollingUpdate', ...rollingUpdate(workload) },
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Retain' },
      revisionHistoryLimit: 1,
      ...minReady(template),
      template,
      volumeClaimTemplates: mountsOf(release.spec, group.name).map((mount) => claimTemplate(workload, mount)),
    },
  };
}

/**
 * A machine must go before another one can have its volume, so at least one is missing. More than one at once is up to
 * the feature gate MaxUnavailableStatefulSet; without it the API server drops the field.
 */
function rollingUpdate({ app, count }: Workload): { rollingUpdate?: { maxUnavailable: number } } {
  const { strategy, maxUnavailable } = app.spec.deploy;
  const most = strategy === 'immediate' ? count : unavailable(maxUnavailable, count);
  return most > 1 ? { rollingUpdate: { maxUnavailable: most } } : {};
}

/**
 * Nothing in here may come from a release: a set whose claim templates change has to be made anew. The spec of today says
 * how large a volume is; for a mount of an older release that it does not have any more, the spec of then.
 */
function claimTemplate({ app, release, group, region }: Workload, { name, destination }: ReleaseMount): ClaimTemplate {
  const known = [...app.spec.mounts, ...release.mounts];
  const mount: Mount = known.find((mount) => mount.name === name) ?? mountsSchema.element.parse({ name, destination });
  return {
    metadata: {
      name: volumeName(name),
      labels: {
        ...appLabels(app),
        [label.process]: group.name,
        [label.mount]: name,
        ...(region && { [label.region]: region }),
      },
    },
    spec: claimSpec(mount),
  };
}
