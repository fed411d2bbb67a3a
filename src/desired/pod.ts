import type { Container, PodTemplate } from '../api/kubernetes.ts';
import { wordsOf } from '../api/scalars.ts';
import { environment, literal } from './environment.ts';
import { internalService } from './internal.ts';
import { workloadLabels } from './labels.ts';
import { containerPorts } from './ports.ts';
import { probesOf } from './probes.ts';
import { resourcesOf } from './resources.ts';
import type { Settings } from './settings.ts';
import { gracePeriodSeconds, stopHook } from './stopping.ts';
import type { Workload } from './workloads.ts';

/** The pod of a machine. */
export function podTemplate(workload: Workload, settings: Settings): PodTemplate {
  const { app, release } = workload;
  const { imagePullSecrets } = release.spec;
  return {
    metadata: { labels: workloadLabels(workload) },
    spec: {
      // Every ready pod answers to <app>.internal through the headless Service of this name.
      hostname: app.metadata.name,
      subdomain: internalService,
      containers: [container(workload, settings)],
      ...(imagePullSecrets?.length && { imagePullSecrets }),
      terminationGracePeriodSeconds: gracePeriodSeconds(release.spec),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        seccompProfile: { type: 'RuntimeDefault' },
        ...(settings.podSecurity === 'restricted' && { runAsNonRoot: true }),
      },
    },
  };
}

function container(workload: Workload, settings: Settings): Container {
  const { release, group } = workload;
  const ports = containerPorts(release.spec, group.name);
  return {
    name: group.name,
    image: release.spec.image,
    // Docker's ENTRYPOINT is Kubernetes's command, and its CMD is Kubernetes's args.
    ...(group.entrypoint && { command: wordsOf(group.entrypoint).map(literal) }),
    ...(group.command && { args: wordsOf(group.command).map(literal) }),
    env: environment(workload, settings),
    ...(ports.length > 0 && { ports }),
    resources: resourcesOf(group.vm),
    ...probesOf(release.spec, group.name),
    ...stopHook(release.spec),
    // The last lines of a program that failed are then in the status of its pod, where a release looks for its reason.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      ...(settings.podSecurity === 'restricted' && { capabilities: { drop: ['ALL'] } }),
    },
  };
}
