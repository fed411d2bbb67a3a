import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ScheduleSpecInput } from '../../src/api/schedule.ts';
import { cronJob, scheduledRun } from '../../src/desired/cron-job.ts';
import { servingSelector } from '../../src/desired/labels.ts';
import { networkPolicy } from '../../src/desired/network-policy.ts';
import { anApp, aRelease, settings } from './app-fixture.ts';
import { aSchedule, theCronJob } from './schedule-fixture.ts';

function runOf(spec: Partial<ScheduleSpecInput> = {}, ofApp: Partial<AppSpecInput> = {}) {
  const job = theCronJob(spec, ofApp).spec!.jobTemplate;
  const pod = job.spec!.template;
  const [container, ...beside] = pod.spec!.containers;
  const env = Object.fromEntries(container!.env!.map(({ name, value }) => [name, value]));
  return { job, pod, container: container!, beside, env };
}

const groups = [
  { name: 'app', command: ['serve'] },
  { name: 'worker', command: ['work'], entrypoint: ['/init'], vm: { size: 'performance-1x' as const } },
];

describe('the CronJob of a Schedule', () => {
  it('says no more than CronJob itself would do where the Schedule says nothing', () => {
    expect(theCronJob().spec).toMatchObject({
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    expect(theCronJob().spec).not.toHaveProperty('startingDeadlineSeconds');
    expect(runOf().job.spec).toMatchObject({ backoffLimit: 0 });
    expect(runOf().job.spec).not.toHaveProperty('activeDeadlineSeconds');
  });

  it('has what the Schedule says', () => {
    const spec = {
      schedule: 'daily',
      timeZone: 'Europe/Berlin',
      concurrency: 'replace',
      startingDeadline: '1h',
      suspend: true,
      keep: { succeeded: 0, failed: 7 },
      timeout: '90m',
      retries: 4,
    } as const;
    expect(theCronJob(spec).spec).toMatchObject({
      schedule: expect.stringMatching(/^\d+ \d+ \* \* \*$/),
      timeZone: 'Europe/Berlin',
      concurrencyPolicy: 'Replace',
      startingDeadlineSeconds: 3600,
      suspend: true,
      successfulJobsHistoryLimit: 0,
      failedJobsHistoryLimit: 7,
    });
    expect(runOf(spec).job.spec).toMatchObject({ activeDeadlineSeconds: 5400, backoffLimit: 4 });
  });

  it('gives two Schedules of one word different times', () => {
    const at = (name: string) => theCronJob({ schedule: 'daily' }, {}, name).spec?.schedule;
    expect(at('one')).not.toBe(at('two'));
    expect(at('one')).toBe(at('one'));
  });

  it('does not change with what a run does not have', () => {
    const base = theCronJob();
    expect(
      theCronJob(
        {},
        {
          services: [{ internalPort: 80, checks: [{ type: 'tcp' }] }],
          mounts: [{ name: 'data', destination: '/data' }],
        },
      ),
    ).toEqual(base);
  });
});

describe('a run', () => {
  it('is like a machine of the default group, with its image, environment, secrets and files', () => {
    const app = anApp({
      env: { COLOUR: 'red' },
      primaryRegion: 'fra',
      processes: groups,
      files: [{ path: '/etc/x', content: 'x' }],
    });
    const release = aRelease(app, 3);
    const secrets = [{ name: 'hello', digest: 'd', keys: ['TOKEN'] }];
    const run = scheduledRun(aSchedule({ env: { TOKEN: 'mine', COLOUR: 'blue' } }), {
      app,
      release: { ...release, spec: { ...release.spec, secrets } },
    });
    const template = cronJob(run!, settings).spec!.jobTemplate.spec!.template;
    const [container] = template.spec!.containers;
    const env = Object.fromEntries(container!.env!.map(({ name, value }) => [name, value]));
    expect(container).toMatchObject({ name: 'app', image: 'example.com/hello:1', args: ['serve'] });
    expect(env).toMatchObject({
      FLY_APP_NAME: 'hello',
      FLY_PROCESS_GROUP: 'app',
      PRIMARY_REGION: 'fra',
      COLOUR: 'blue',
    });
    // Of two of one name Kubernetes takes `env`, so a secret goes before only where `env` has none.
    expect(env).not.toHaveProperty('TOKEN');
    expect(container!.envFrom).toEqual([{ secretRef: { name: expect.stringMatching(/^hello-secrets-/) } }]);
    expect(container!.volumeMounts).toContainEqual(expect.objectContaining({ mountPath: '/etc/x' }));
    expect(template.metadata?.labels).toHaveProperty('airfield.dev/secrets');
    expect(JSON.stringify(template.spec?.affinity)).toContain('fra');
  });

  it('is of the group that the Schedule names', () => {
    const { container, env } = runOf({ process: 'worker' }, { processes: groups });
    expect(container).toMatchObject({ command: ['/init'], args: ['work'], resources: { limits: { cpu: '1' } } });
    expect(env.FLY_PROCESS_GROUP).toBe('worker');
  });

  it('has the command and the size of the Schedule', () => {
    const { container } = runOf(
      { process: 'worker', command: ['dump', '$(DATE)'], vm: { memory: '64Mi' } },
      { processes: groups },
    );
    expect(container).toMatchObject({ command: ['/init'], args: ['dump', '$$(DATE)'] });
    expect(container.resources?.limits?.memory).toBe('64Mi');
  });

  it('with an image of its own has neither command nor entrypoint of the group', () => {
    const { container, env } = runOf({ process: 'worker', image: 'dump:2' }, { processes: groups });
    expect(container.image).toBe('dump:2');
    expect(container).not.toHaveProperty('command');
    expect(container).not.toHaveProperty('args');
    expect(env.FLY_IMAGE_REF).toBe('dump:2');
  });

  it('is alone in its pod: no sidecars, no ports, no checks, no volumes', () => {
    const { pod, container, beside } = runOf(
      {},
      {
        processes: [
          { name: 'app', sidecars: [{ name: 'ship', image: 'x:1' }], init: [{ name: 'before', image: 'x:1' }] },
        ],
        services: [{ internalPort: 8080, checks: [{ type: 'tcp' }] }],
        mounts: [{ name: 'data', destination: '/data' }],
      },
    );
    expect([beside, pod.spec?.initContainers]).toEqual([[], undefined]);
    expect(container).not.toHaveProperty('ports');
    expect(container).not.toHaveProperty('readinessProbe');
    expect(JSON.stringify(pod)).not.toContain('/data');
  });

  it('is reached by the network policy of its App and by no Service, and is known by its Schedule', () => {
    const { pod, job } = runOf();
    const labels = pod.metadata!.labels!;
    const app = anApp();
    expect(labels).toMatchObject(networkPolicy(app, settings).spec!.podSelector!.matchLabels!);
    expect(labels).toMatchObject({
      'airfield.dev/network': 'default',
      'airfield.dev/schedule': 'backup',
      'airfield.dev/release': '3',
    });
    expect(labels).not.toMatchObject(servingSelector(app, 'blue'));
    expect(pod.spec).not.toHaveProperty('subdomain');
    expect(job.metadata!.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'airfield',
      'airfield.dev/schedule': 'backup',
    });
  });

  it('that has to leave its node is begun anew, and not counted as failed', () => {
    expect(runOf().job.spec?.podFailurePolicy?.rules).toEqual([
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ]);
    expect(runOf().pod.spec?.restartPolicy).toBe('Never');
  });
});

describe('the process group of a run', () => {
  it('must be one of the release', () => {
    const app = anApp({ processes: groups });
    expect(scheduledRun(aSchedule({ process: 'cron' }), { app, release: aRelease(app) })).toBeUndefined();
  });
});
