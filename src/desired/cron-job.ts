import type { App } from '../api/app.ts';
import { wholeSeconds } from '../api/duration.ts';
import type { CronJob } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Release, ReleaseGroup } from '../api/release.ts';
import { everyWords, type Schedule } from '../api/schedule.ts';
import { defaultGroup, groupsOf } from './groups.ts';
import { appLabels, secretsLabel } from './labels.ts';
import { commandPod } from './pod.ts';
import type { Settings } from './settings.ts';
import { stableTime } from './stable-time.ts';

/** A Schedule with what its runs are of. */
export interface ScheduledRun {
  readonly schedule: Schedule;
  readonly app: App;
  readonly release: Release;
  readonly group: ReleaseGroup;
}

const concurrencyPolicies = { allow: 'Allow', forbid: 'Forbid', replace: 'Replace' } as const;

/** The schedule as CronJob has it: Fly's words are times of its own. */
export function cronOf({ metadata, spec }: Pick<Schedule, 'metadata' | 'spec'>): string {
  const word = everyWords.find((each) => each === spec.schedule);
  return word ? stableTime(word, `${metadata.namespace}/${metadata.name}`, spec.timeZone) : spec.schedule;
}

/** What a run of this release is; undefined where the release has no group of that name. */
export function scheduledRun(schedule: Schedule, { app, release }: Pick<ScheduledRun, 'app' | 'release'>) {
  const wanted = schedule.spec.process ?? defaultGroup(release.spec);
  const group = groupsOf(release.spec).find(({ name }) => name === wanted);
  return group && ({ schedule, app, release, group } satisfies ScheduledRun);
}

/**
 * What makes the runs of a Schedule. Another release changes only those that begin from then on. Its Jobs and pods know
 * their Schedule and App by labels, and are in no Service: a run has no `slot`, and no name in `.internal`.
 */
export function cronJob(run: ScheduledRun, settings: Settings): CronJob {
  const { metadata, spec } = run.schedule;
  const labels = { ...appLabels(run.app), [label.schedule]: metadata.name, ...secretsLabel(run.release.spec) };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: metadata.name, namespace: metadata.namespace, labels },
    spec: {
      schedule: cronOf(run.schedule),
      timeZone: spec.timeZone,
      concurrencyPolicy: concurrencyPolicies[spec.concurrency],
      suspend: spec.suspend,
      ...(spec.startingDeadline && { startingDeadlineSeconds: wholeSeconds(spec.startingDeadline, 10) }),
      successfulJobsHistoryLimit: spec.keep.succeeded,
      failedJobsHistoryLimit: spec.keep.failed,
      jobTemplate: jobTemplate(run, { ...labels, [label.release]: `${run.release.version}` }, settings),
    },
  };
}

type JobTemplate = NonNullable<CronJob['spec']>['jobTemplate'];

function jobTemplate(run: ScheduledRun, labels: Record<string, string>, settings: Settings): JobTemplate {
  const { app, release } = run;
  const { retries, timeout } = run.schedule.spec;
  const network = { [label.network]: release.spec.network.name };
  return {
    metadata: { labels },
    spec: {
      backoffLimit: retries,
      ...(timeout && { activeDeadlineSeconds: wholeSeconds(timeout, 1) }),
      // A run that had to leave its node has not failed, and is begun anew.
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: commandPod({ app, ...machineOf(run), labels: { ...labels, ...network } }, settings),
    },
  };
}

/** Like a machine of its group, but for what the Schedule says. An image of its own has a command of its own, too. */
function machineOf({ schedule, release, group }: ScheduledRun) {
  const { image, env, command, entrypoint, vm } = schedule.spec;
  const { spec } = release;
  const usual = image ? undefined : group;
  return {
    release: { ...release, spec: { ...spec, image: image ?? spec.image, env: { ...spec.env, ...env } } },
    group: {
      ...group,
      command: command ?? usual?.command,
      entrypoint: entrypoint ?? usual?.entrypoint,
      vm: vm ?? group.vm,
    },
    region: spec.primaryRegion,
    purpose: { group: group.name, env: {} },
  };
}
