import type { App } from '../api/app.ts';
import { wholeSeconds } from '../api/duration.ts';
import type { Job } from '../api/kubernetes.ts';
import { label, role } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import { defaultGroup, groupsOf } from './groups.ts';
import { appLabels } from './labels.ts';
import { childName } from './names.ts';
import { commandPod } from './pod.ts';
import type { Settings } from './settings.ts';

/** What the release command has without a word; Fly's default. */
export const usualCommandTimeout = '5m';

/**
 * The command that must succeed before a release goes out, with its image, environment and files, and without volumes.
 * All releases of an App share one name, so that the API server itself sees to it that no two commands run at once.
 */
export function releaseCommand(app: App, release: Release, settings: Settings): Job {
  const { releaseCommand: command, releaseCommandTimeout = usualCommandTimeout, releaseCommandVm } = release.deploy;
  const usual = groupsOf(release.spec).find(({ name }) => name === defaultGroup(release.spec));
  if (!usual) throw new Error('an App has a default group');
  const group = { ...usual, command, vm: releaseCommandVm ?? usual.vm };
  const labels = { ...appLabels(app), [label.release]: `${release.version}`, [label.role]: role.releaseCommand };
  const podLabels = { ...labels, [label.network]: release.spec.network.name };
  const machine = {
    app,
    release,
    group,
    region: release.spec.primaryRegion,
    labels: podLabels,
    purpose: { group: 'fly_app_release_command', env: { RELEASE_COMMAND: '1' } },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: childName(app.metadata.name, 'release'), namespace: app.metadata.namespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: wholeSeconds(releaseCommandTimeout, 1),
      template: commandPod(machine, settings),
    },
  };
}
