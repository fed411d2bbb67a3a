import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import type { ScheduleSpecInput } from '../../../src/api/schedule.ts';
import { manualRun } from '../../../src/commands/manual-run.ts';
import { cronJobs, jobs } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { theCronJob } from '../../desired/schedule-fixture.ts';
import { Family } from './family.ts';

type Stored = KubeObject & { spec: { schedule: string; suspend: boolean; jobTemplate: object } };

let family: Family;

beforeAll(async () => {
  family = await Family.create();
});
beforeEach(() => family.found());
afterAll(() => family?.client.close());

/** A CronJob in the namespace of the family; the longest name that a Schedule may have. */
function aCronJob(spec: Partial<ScheduleSpecInput> = {}, ofApp: Partial<AppSpecInput> = {}): KubeObject {
  const made = theCronJob(spec, ofApp, family.owner.metadata.name.padEnd(52, 'x'));
  return { ...made, metadata: { ...made.metadata, namespace: family.namespace } };
}

describe('the CronJob of a Schedule', () => {
  it.each<[string, Partial<ScheduleSpecInput>, Partial<AppSpecInput>]>([
    ['with nothing', {}, {}],
    ['with a word', { schedule: 'monthly', timeZone: 'America/New_York' }, {}],
    ['with @every', { schedule: '@every 90m' }, {}],
    [
      'with all that it may say',
      {
        timeZone: 'Europe/Berlin',
        image: 'dump:1',
        command: ['dump', '$(X)'],
        entrypoint: ['/init'],
        env: { EMPTY: '', PRICE: '$(5)' },
        vm: { size: 'performance-1x', memory: '1024Mi' },
        concurrency: 'replace',
        timeout: '1h30m',
        retries: 3,
        startingDeadline: '10m',
        suspend: true,
        keep: { succeeded: 0, failed: 0 },
      },
      {
        primaryRegion: 'fra',
        files: [{ path: '/etc/app.conf', content: 'x' }],
        imagePullSecrets: [{ name: 'pull' }],
        killTimeout: '2m',
      },
    ],
  ])('%s is written once', async (_, spec, ofApp) => {
    const cronJob = aCronJob(spec, ofApp);
    await family.children.apply(family.owner, [cronJob], []);
    expect(family.takeWrites()).toEqual(['apply CronJob']);
    expect(await family.settle([cronJob])).toEqual([]);
    await family.restarted().apply(family.owner, [cronJob], []);
    expect(family.takeWrites()).toEqual([]);
  });

  it('is changed in its place by another release, and keeps no word of the one before', async () => {
    const [made] = await family.children.apply(family.owner, [aCronJob({}, { env: { OLD: 'yes' } })], []);
    family.takeWrites();
    const changed = aCronJob({ schedule: '5 4 * * *' }, { image: 'example.com/hello:2', env: { NEW: 'yes' } });
    expect(await family.settle([changed])).toEqual(['apply CronJob']);
    const stored = await family.read<Stored>(changed);
    expect(stored.metadata.uid).toBe(made?.metadata.uid);
    expect(stored.spec.schedule).toBe('5 4 * * *');
    expect(JSON.stringify(stored.spec)).toContain('hello:2');
    expect(JSON.stringify(stored.spec)).not.toContain('OLD');
    expect(await family.settle([changed])).toEqual([]);
  });

  it.each([
    ['suspended', { suspend: true }],
    ['moved', { schedule: '0 4 * * *' }],
  ])('is put back when somebody has %s it', async (_, patch) => {
    const cronJob = aCronJob();
    const [made] = await family.children.apply(family.owner, [cronJob], []);
    await family.client.mergePatch(cronJobs, made!.metadata, { spec: patch });
    family.takeWrites();
    expect(await family.settle([cronJob])).toEqual(['apply CronJob']);
    expect((await family.read<Stored>(cronJob)).spec).toMatchObject({ schedule: '0 3 * * *', suspend: false });
  });

  it('gives a run that is begun by hand a Job that the API server takes, and that it owns', async () => {
    const [made] = await family.children.apply(family.owner, [aCronJob({ timeout: '1m', retries: 2 })], []);
    const job = await family.client.create(jobs, manualRun(made as never) as never);
    const { name = '', labels, annotations, ownerReferences } = (job as KubeObject).metadata;
    expect(name.length).toBeLessThanOrEqual(63);
    expect(labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'airfield', 'airfield.dev/release': '3' });
    expect(annotations).toMatchObject({ 'cronjob.kubernetes.io/instantiate': 'manual' });
    expect(ownerReferences).toMatchObject([{ kind: 'CronJob', uid: made?.metadata.uid, controller: true }]);
    expect(job).toMatchObject({ spec: { backoffLimit: 2, activeDeadlineSeconds: 60 } });
  });
});
