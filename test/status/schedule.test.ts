import { describe, expect, it } from 'vitest';
import type { ObservedCronJob, ObservedJob, ObservedPod } from '../../src/api/kubernetes.ts';
import type { Schedule, ScheduleSpecInput, ScheduleStatus } from '../../src/api/schedule.ts';
import { obstacleOf } from '../../src/status/obstacle.ts';
import { lookAgainAt, type ScheduleObserved, scheduleStatus } from '../../src/status/schedule.ts';
import { anApp, aRelease } from '../desired/app-fixture.ts';
import { aSchedule } from '../desired/schedule-fixture.ts';
import { kstatus } from './kstatus.ts';

const now = new Date('2026-01-05T03:10:00Z');
const cronJob = {
  metadata: { name: 'backup', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: {},
} as unknown as ObservedCronJob;

const condition = (type: string, more: object = {}) => ({
  type,
  status: 'True',
  lastTransitionTime: '2026-01-05T03:05:00Z',
  ...more,
});
function job(name: string, startedAt: string, status: object = {}, spec: object = {}): ObservedJob {
  return {
    kind: 'Job',
    metadata: { name, creationTimestamp: startedAt },
    spec: { backoffLimit: 0, ...spec },
    status,
  } as unknown as ObservedJob;
}
const complete = { succeeded: 1, completionTime: '2026-01-05T03:04:00Z', conditions: [condition('Complete')] };
const failed = (reason = 'BackoffLimitExceeded') => ({
  failed: 1,
  conditions: [condition('Failed', { reason, message: 'it is over' })],
});
function pod(ofJob: string, state: object, more: { at?: string; status?: object } = {}): ObservedPod {
  return {
    metadata: {
      name: `${ofJob}-x`,
      creationTimestamp: more.at ?? '2026-01-05T03:00:01Z',
      labels: { 'batch.kubernetes.io/job-name': ofJob },
    },
    status: { containerStatuses: [{ name: 'app', ready: false, state }], ...more.status },
  } as unknown as ObservedPod;
}
const died = (exitCode: number, message: string) => ({ terminated: { exitCode, message } });
const noImage = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "dump:9"' } };

interface Seen extends Partial<ScheduleObserved> {
  readonly told?: Partial<ScheduleStatus>;
}

function statusOf(spec: Partial<ScheduleSpecInput>, { told, ...seen }: Seen = {}) {
  const schedule: Schedule = { ...aSchedule(spec), status: { ...aSchedule().status, ...told } };
  const observed = { release: 3, obstacle: undefined, cronJob, jobs: [], pods: [], ...seen };
  const status = scheduleStatus(schedule, observed, now);
  const say = (type: string) => {
    const found = status.conditions?.find((one) => one.type === type);
    return found && `${found.status} ${found.reason}: ${found.message}`;
  };
  return { status, say, observed, kstatus: kstatus({ ...schedule, status }) };
}

describe('a Schedule', () => {
  it('is Ready, and tells its cron, its release and its next run', () => {
    const { status, say, kstatus } = statusOf({});
    expect(say('Ready')).toBe('True Scheduled: runs release 3 of App `hello`');
    expect(status).toMatchObject({ cron: '0 3 * * *', release: 3, running: 0, nextRun: '2026-01-06T03:00:00Z' });
    expect(status).not.toHaveProperty('lastRun');
    expect(kstatus).toBe('Current');
  });

  it('tells the next run in its time zone, and by what @every counts from', () => {
    expect(statusOf({ timeZone: 'Asia/Kathmandu' }).status.nextRun).toBe('2026-01-05T21:15:00Z');
    const ran = { ...cronJob, status: { lastScheduleTime: '2026-01-05T03:00:20Z' } } as unknown as ObservedCronJob;
    expect(statusOf({ schedule: '@every 90m' }, { cronJob: ran }).status.nextRun).toBe('2026-01-05T04:30:20Z');
  });

  it('that is suspended is Ready and has no next run', () => {
    const { status, say } = statusOf({ suspend: true });
    expect(say('Ready')).toBe('True Suspended: no runs begin while `suspend` is true');
    expect(status).not.toHaveProperty('nextRun');
  });

  it('whose time never comes is Stalled', () => {
    const { say, kstatus } = statusOf({ schedule: '0 0 31 2 *' });
    expect(say('Stalled')).toBe(
      'True NeverDue: schedule: the time `0 0 31 2 *` never comes: write a date that there is',
    );
    expect(kstatus).toBe('Failed');
  });

  it('is looked at again when the next run is due, and when a run may be late', () => {
    const { status, observed } = statusOf({});
    expect(lookAgainAt(status, observed, now)).toEqual(new Date('2026-01-06T03:00:01Z'));
    const jobs = [job('backup-1', '2026-01-05T03:09:30Z')];
    expect(lookAgainAt(status, { ...observed, jobs }, now)).toEqual(new Date('2026-01-05T03:10:31Z'));
  });
});

describe('what keeps a Schedule from running', () => {
  const app = anApp({ processes: [{ name: 'app' }, { name: 'worker' }] });
  const followed = { app, release: aRelease(app, 3) };

  it.each([
    ['AppNotFound', {}, undefined, /there is no App `hello` in this namespace/],
    ['AppNotReleased', {}, { app, release: undefined }, /App `hello` has no release yet/],
    [
      'UnknownProcess',
      { process: 'cron' },
      followed,
      /process: release 3 of App `hello` has no process group `cron`: write `app` or `worker`/,
    ],
    ['InvalidSchedule', { schedule: '0 25 * * *' }, followed, /schedule: the hour \(second field\) `25`/],
    [
      'InvalidTimeZone',
      { timeZone: 'Europe/Atlantis' },
      followed,
      /timeZone: there is no `Europe\/Atlantis`: write a name/,
    ],
  ])('is told: %s', (reason, spec, has, message) => {
    const obstacle = obstacleOf(aSchedule(spec), has);
    expect(obstacle).toMatchObject({ reason, message: expect.stringMatching(message) });
    const { say, status, kstatus } = statusOf(spec, { obstacle, cronJob: undefined });
    expect(say('Ready')).toMatch(`False ${reason}`);
    expect(kstatus).toBe(has?.release ? 'Failed' : 'InProgress');
    expect(status).not.toHaveProperty('nextRun');
  });

  it('is nothing where all is there', () =>
    expect(obstacleOf(aSchedule({ process: 'worker' }), followed)).toBeUndefined());
});

describe('the last run', () => {
  it('is the one that began last, by hand or by time', () => {
    const jobs = [
      job('backup-2', '2026-01-05T03:00:00Z', complete),
      job('backup-now-abcde', '2026-01-05T03:08:00Z'),
      job('backup-1', '2026-01-04T03:00:00Z', complete),
    ];
    expect(statusOf({}, { jobs }).status).toMatchObject({
      running: 1,
      lastRun: { name: 'backup-now-abcde', startedAt: '2026-01-05T03:08:00Z', result: 'running' },
      lastSuccess: '2026-01-05T03:04:00Z',
    });
  });

  it('that succeeded is told with its end', () => {
    const { status, say } = statusOf({}, { jobs: [job('backup-1', '2026-01-05T03:00:00Z', complete)] });
    expect(status.lastRun).toEqual({
      name: 'backup-1',
      startedAt: '2026-01-05T03:00:00Z',
      finishedAt: '2026-01-05T03:04:00Z',
      result: 'succeeded',
      exitCode: 0,
    });
    expect(say('RunFailed')).toBeUndefined();
  });

  it('that failed is told with its exit code and its last words, and the Schedule stays Ready', () => {
    const jobs = [job('backup-1', '2026-01-05T03:00:00Z', failed())];
    const { status, say } = statusOf({}, { jobs, pods: [pod('backup-1', died(7, 'disk full\n'))] });
    expect(status.lastRun).toMatchObject({
      result: 'failed',
      exitCode: 7,
      reason: 'ProgramFailed',
      finishedAt: '2026-01-05T03:05:00Z',
    });
    expect(say('RunFailed')).toBe(
      'True ProgramFailed: run backup-1: failed: its program ended with exit code 7; it said: disk full',
    );
    expect(say('Ready')).toMatch('True Scheduled');
  });

  it('that failed several times says so', () => {
    const jobs = [job('backup-1', '2026-01-05T03:00:00Z', { ...failed(), failed: 3 }, { backoffLimit: 2 })];
    const pods = [pod('backup-1', died(7, 'first')), pod('backup-1', died(8, 'last'), { at: '2026-01-05T03:02:00Z' })];
    expect(statusOf({}, { jobs, pods }).say('RunFailed')).toBe(
      'True ProgramFailed: run backup-1: failed 3 times; the last one failed: its program ended with exit code 8; it said: last',
    );
  });

  it('that is tried again says how it failed', () => {
    const jobs = [job('backup-1', '2026-01-05T03:00:00Z', { failed: 1 }, { backoffLimit: 2 })];
    const { status, say } = statusOf({}, { jobs, pods: [pod('backup-1', died(7, 'first'))] });
    expect(status.lastRun).toMatchObject({
      result: 'running',
      reason: 'Retrying',
      message: expect.stringMatching(/^try 1 of 3 failed: .*exit code 7/),
    });
    expect(say('Ready')).toMatch('True Scheduled');
  });

  it('whose image cannot be had is told in the condition', () => {
    const { status, say } = statusOf(
      {},
      { jobs: [job('backup-1', '2026-01-05T03:00:00Z')], pods: [pod('backup-1', noImage)] },
    );
    expect(say('Ready')).toBe(
      'False ImagePullBackOff: run backup-1 does not begin: machine backup-1-x: ImagePullBackOff (Back-off pulling image "dump:9")',
    );
    expect(status.lastRun).toMatchObject({ result: 'running', reason: 'ImagePullBackOff' });
    expect(status.lastRun).not.toHaveProperty('stuck');
  });

  it('that no node can take is told in the condition', () => {
    const unschedulable = { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/2 nodes' }] };
    const { say } = statusOf(
      {},
      { jobs: [job('backup-1', '2026-01-05T03:00:00Z')], pods: [pod('backup-1', {}, { status: unschedulable })] },
    );
    expect(say('Ready')).toMatch(/^False Unschedulable: .*no node can take it \(0\/2 nodes\)/);
  });

  it('without a machine after a minute is told in the condition', () => {
    expect(statusOf({}, { jobs: [job('backup-1', '2026-01-05T03:09:10Z')] }).say('Ready')).toMatch('True Scheduled');
    expect(statusOf({}, { jobs: [job('backup-1', '2026-01-05T03:08:59Z')] }).say('Ready')).toMatch(
      /^False NoMachine: .*kubectl describe job\/backup-1/,
    );
  });

  it('that was ended says why it had not begun, though its pods are gone', () => {
    const before = statusOf({}, { jobs: [job('backup-1', '2026-01-05T03:00:00Z')], pods: [pod('backup-1', noImage)] });
    const jobs = [job('backup-1', '2026-01-05T03:00:00Z', failed('DeadlineExceeded'), { activeDeadlineSeconds: 300 })];
    const { status, say } = statusOf({}, { jobs, told: before.status });
    expect(say('RunFailed')).toMatch(
      /^True DeadlineExceeded: run backup-1: was ended after 300 seconds, its `timeout`; before that: .*dump:9/,
    );
    // It is told again in the same words.
    expect(statusOf({}, { jobs, told: status }).say('RunFailed')).toBe(say('RunFailed'));
  });

  it('is known when its Job is gone', () => {
    const told = { lastRun: { name: 'backup-1', startedAt: '2026-01-05T03:00:00Z', result: 'running' as const } };
    expect(statusOf({}, { told }).say('RunFailed')).toMatch(/^True JobGone: run backup-1: its Job is gone/);
    const succeeded = {
      ...cronJob,
      status: { lastSuccessfulTime: '2026-01-05T03:04:00Z' },
    } as unknown as ObservedCronJob;
    const { status, say } = statusOf({}, { told, cronJob: succeeded });
    expect(status.lastRun).toMatchObject({ result: 'succeeded', finishedAt: '2026-01-05T03:04:00Z' });
    expect(say('RunFailed')).toBeUndefined();
  });
});

describe('a run that failed', () => {
  const jobs = [job('backup-1', '2026-01-05T03:00:00Z', failed())];
  const pods = [pod('backup-1', died(7, 'disk full'))];
  const told = statusOf({}, { jobs, pods }).status;

  it('is told until a later one has ended well', () => {
    const running = [...jobs, job('backup-2', '2026-01-05T03:06:00Z')];
    const { status, say } = statusOf({}, { jobs: running, pods, told });
    expect(status.lastRun).toMatchObject({ name: 'backup-2', result: 'running' });
    expect(say('RunFailed')).toMatch('run backup-1');
    const ended = { ...complete, completionTime: '2026-01-05T03:07:00Z' };
    expect(
      statusOf({}, { jobs: [...jobs, job('backup-2', '2026-01-05T03:06:00Z', ended)], pods, told }).say('RunFailed'),
    ).toBeUndefined();
  });

  it('is told also when neither its Job nor its pod is kept', () => {
    expect(statusOf({}, { told }).status).toEqual(told);
    expect(statusOf({}, { told, jobs: [job('backup-2', '2026-01-05T03:06:00Z')] }).say('RunFailed')).toMatch(
      'exit code 7',
    );
  });
});
