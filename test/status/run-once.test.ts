import { describe, expect, it } from 'vitest';
import type { ObservedJob, ObservedPod } from '../../src/api/kubernetes.ts';
import { workloadsOf } from '../../src/desired/workloads.ts';
import { appStatus } from '../../src/status/app.ts';
import { anApp, aPlan, aRelease, settings, theWorkloads } from '../desired/app-fixture.ts';
import { kstatus } from './kstatus.ts';

const now = new Date('2026-01-01T00:00:00Z');
const app = anApp({ restart: { policy: 'no' }, count: 2 });
const set = { slot: 'blue', role: 'machines' } as const;
const name = theWorkloads(app)[0]!.name;

const failedPod = {
  metadata: { name: `${name}-1-abcde`, labels: { 'airfield.dev/release': '1', 'airfield.dev/workload': name } },
  status: {
    phase: 'Failed',
    containerStatuses: [{ name: 'app', state: { terminated: { exitCode: 7, message: 'no money' } } }],
  },
} as unknown as ObservedPod;

function statusOf(status: NonNullable<ObservedJob['status']>, { completions = 2, pods = [] as ObservedPod[] } = {}) {
  const template = { metadata: { labels: { 'airfield.dev/release': '1' } } };
  const job = { kind: 'Job', metadata: { name }, spec: { completions, template }, status } as unknown as ObservedJob;
  const observed = {
    plan: aPlan(app),
    workloads: [job],
    pods,
    checks: [],
    service: undefined,
    misplaced: undefined,
    held: undefined,
    volumes: [],
  };
  const told = appStatus(app, { ...observed, settings }, now);
  const ready = told.conditions?.find(({ type }) => type === 'Ready');
  return { ...told, ready: `${ready?.status} ${ready?.reason}: ${ready?.message}`, app: { ...app, status: told } };
}

const complete = [{ type: 'Complete', status: 'True' }];

describe('an App whose machines may end', () => {
  it('is Ready while they run', () => {
    const { ready, machines } = statusOf({ ready: 2 });
    expect([ready, machines]).toEqual(['True Running: all 2 machines are ready', '2/2']);
  });

  it('is Ready when some have ended well, which are counted as stopped', () => {
    const { ready, processes } = statusOf({ ready: 1, succeeded: 1 });
    expect(ready).toBe('True Running: its machine is ready, 1 more have ended well');
    expect(processes).toEqual([{ name: 'app', desired: 1, ready: 1, stopped: 1 }]);
  });

  it('is Ready when all have ended well', () => {
    const { ready, processes, machines } = statusOf({ succeeded: 2, conditions: complete });
    expect(ready).toBe('True Ended: all 2 machines have ended well');
    expect(processes).toEqual([{ name: 'app', desired: 0, ready: 0, stopped: 2 }]);
    expect(machines).toBe('0/0');
  });

  it('says that more machines come with the next release once all have ended', () => {
    const { ready } = statusOf({ succeeded: 2, conditions: complete }, { completions: 5 });
    expect(ready).toBe('True Ended: all 2 machines have ended well; 3 more will start with the next release');
  });

  it('is Stalled when one has failed for good, with its last words', () => {
    const { ready, app } = statusOf({ ready: 1, failed: 1, failedIndexes: '1' }, { pods: [failedPod] });
    expect(kstatus(app)).toBe('Failed');
    expect(ready).toMatch(/^False MachineFailed: 1 failed and will not be started again; 1 of 2 machines ready; /);
    expect(ready).toContain('exit code 7; it said: no money');
  });

  it('counts its machines once while the Jobs of two releases run', () => {
    const plan = aPlan(app);
    const two = [2, 1].flatMap((version) => workloadsOf(app, { ...set, release: aRelease(app, version) }));
    const nothing = { service: undefined, misplaced: undefined, held: undefined };
    const observed = { workloads: [], pods: [], checks: [], volumes: [], ...nothing };
    const told = appStatus(app, { ...observed, plan: { ...plan, workloads: two }, settings }, now);
    expect(told.machines).toBe('0/2');
  });

  it('is on its way while a failed one is tried again, with the reason', () => {
    const { ready, app } = statusOf({ ready: 1, failed: 1 }, { pods: [failedPod] });
    expect(kstatus(app)).toBe('InProgress');
    expect(ready).toMatch(/^False Crashed: 1 of 2 machines ready; /);
  });
});
