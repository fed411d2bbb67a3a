import type { App } from '../api/app.ts';
import type { Container, PodTemplate } from '../api/kubernetes.ts';
import type { ProcessGroup } from '../api/process.ts';
import { environment, literal } from './environment.ts';
import { internalService } from './internal.ts';
import { groupLabels } from './labels.ts';
import { containerPorts } from './ports.ts';
import { probesOf } from './probes.ts';
import { resourcesOf } from './resources.ts';
import type { Settings } from './settings.ts';
import { gracePeriodSeconds, stopHook } from './stopping.ts';

/** The pod of a machine. */
export function podTemplate(app: App, group: ProcessGroup, settings: Settings): PodTemplate {
  const { imagePullSecrets } = app.spec;
  return {
    metadata: { labels: groupLabels(app, group) },
    spec: {
      // Every ready pod answers to <app>.internal through the headless Service of this name.
      hostname: app.metadata.name,
      subdomain: internalService,
      containers: [container(app, group, settings)],
      ...(imagePullSecrets?.length && { imagePullSecrets }),
      terminationGracePeriodSeconds: gracePeriodSeconds(app.spec),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        seccompProfile: { type: 'RuntimeDefault' },
        ...(settings.podSecurity === 'restricted' && { runAsNonRoot: true }),
      },
    },
  };
}

function container(app: App, group: ProcessGroup, settings: Settings): Container {
  const ports = containerPorts(app.spec, group.name);
  return {
    name: group.name,
    image: app.spec.image,
    // Docker's ENTRYPOINT is Kubernetes's command, and its CMD is Kubernetes's args.
    ...(group.entrypoint && { command: group.entrypoint.map(literal) }),
    ...(group.command && { args: group.command.map(literal) }),
    env: environment(app, group, settings),
    ...(ports.length > 0 && { ports }),
    resources: resourcesOf(group.vm),
    ...probesOf(app.spec, group.name),
    ...stopHook(app.spec),
    securityContext: {
      allowPrivilegeEscalation: false,
      ...(settings.podSecurity === 'restricted' && { capabilities: { drop: ['ALL'] } }),
    },
  };
}
