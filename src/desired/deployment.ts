import type { App } from '../api/app.ts';
import { wholeSeconds } from '../api/duration.ts';
import type { Deployment } from '../api/kubernetes.ts';
import type { ProcessGroup } from '../api/process.ts';
import { countOf } from './groups.ts';
import { groupLabels, groupSelector } from './labels.ts';
import { childName } from './names.ts';
import { podTemplate } from './pod.ts';
import type { Settings } from './settings.ts';

/** The machines of one process group. */
export function deployment(app: App, group: ProcessGroup, settings: Settings): Deployment {
  const { deploy } = app.spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: childName(app.metadata.name, group.name),
      namespace: app.metadata.namespace,
      labels: groupLabels(app, group),
    },
    spec: {
      replicas: countOf(app, group),
      selector: { matchLabels: groupSelector(app, group) },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: {
          maxUnavailable: deploy.strategy === 'immediate' ? '100%' : deploy.maxUnavailable,
          maxSurge: '25%',
        },
      },
      progressDeadlineSeconds: wholeSeconds(deploy.waitTimeout, 1),
      revisionHistoryLimit: 3,
      template: podTemplate(app, group, settings),
    },
  };
}
