import { describe, expect, it } from 'vitest';
import type { ObservedJob, ObservedPod } from '../../src/api/kubernetes.ts';
import type { Journal, Release } from '../../src/api/release.ts';
import { planOf } from '../../src/release/plan.ts';
import { rolloutOf } from '../../src/release/rollout.ts';
import { anApp, aRelease, theWorkloads } from '../desired/app-fixture.ts';

type Status = NonNullable<ObservedJob['status']>;

const app = anApp({ restart: { policy: 'onFailure', retries: 1 }, count: 2, deploy: { waitTimeout: '60s' } });
const name = theWorkloads(app)[0]!.name;
const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000);
const iso = (seconds: number) => at(seconds).toISOString();

const going: Journal = { phase: 'rollout', since: iso(0), slot: 'blue' };
const release: Release = { ...aRelease(app), journal: going };

function job(status: Status, completions = 2): ObservedJob {
  const template = { metadata: { labels: { 'airfield.dev/release': '1' } } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { completions, parallelism: completions, template },
    status,
  } as unknown as ObservedJob;
}

const over = (type: 'Complete' | 'Failed'): Status => ({ conditions: [{ type, status: 'True' }] });

function pod(index: number, status: object): ObservedPod {
  const labels = { 'airfield.dev/release': '1', 'airfield.dev/workload': name };
  const metadata = { name: `${name}-${index}`, labels, creationTimestamp: iso(0) };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status } as unknown as ObservedPod;
}
const running = (index: number, since: number) =>
  pod(index, { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: iso(since) }] });
const failed = (index: number) =>
  pod(index, {
    phase: 'Failed',
    containerStatuses: [{ name: 'app', ready: false, state: { terminated: { exitCode: 7, message: 'no money' } } }],
  });

function planAt(seconds: number, jobs: ObservedJob[], pods: ObservedPod[] = []) {
  return planOf(
    app,
    { releases: [release], workloads: jobs, job: undefined, checks: [], pods, secrets: [] },
    at(seconds),
  );
}
const journalAt = (...scene: Parameters<typeof planAt>) => planAt(...scene).current.journal;

describe('a release whose machines may end', () => {
  it('is complete when they have run for a few seconds', () => {
    const scene = [job({ ready: 2 })];
    expect(journalAt(6, scene, [running(0, 1), running(1, 2)]).phase).toBe('rollout');
    expect(journalAt(7, scene, [running(0, 1), running(1, 2)]).phase).toBe('complete');
  });

  it('is looked at again at the moment when they have', () => {
    expect(planAt(3, [job({ ready: 2 })], [running(0, 1), running(1, 2)]).until).toEqual(at(6));
  });

  it('is complete when they have ended well, or some have and the others run', () => {
    expect(journalAt(1, [job({ succeeded: 2, ...over('Complete') })]).phase).toBe('complete');
    expect(journalAt(9, [job({ succeeded: 1, ready: 1 })], [running(1, 2)]).phase).toBe('complete');
  });

  it('is not complete by machines that the Job believes to run', () => {
    expect(journalAt(9, [job({ ready: 2 })], [running(0, 1), failed(1)]).phase).toBe('rollout');
  });

  it('goes on while a failed machine is tried again', () => {
    expect(journalAt(9, [job({ failed: 1, ready: 1 })], [running(0, 1), failed(1)]).phase).toBe('rollout');
  });

  it('has failed when a machine has, with its last words', () => {
    const journal = journalAt(9, [job({ failed: 2, ready: 1, failedIndexes: '1' })], [running(0, 1), failed(1)]);
    expect(journal).toMatchObject({ phase: 'failed', failedIn: 'rollout', reason: 'Crashed' });
    expect(journal.message).toContain('exit code 7; it said: no money');
  });

  it('has failed when a machine does not come to run within waitTimeout', () => {
    expect(journalAt(61, [job({})])).toMatchObject({ phase: 'failed', reason: 'Timeout' });
  });

  it('is complete without any machine where none is wanted', () => {
    const none = anApp({ restart: { policy: 'no' }, count: 0 });
    const observed = {
      releases: [{ ...aRelease(none), journal: going }],
      workloads: [],
      job: undefined,
      checks: [],
      secrets: [],
      pods: [],
    };
    expect(planOf(none, observed, at(1)).current.journal.phase).toBe('complete');
  });

  it('lets the Job of the release before run on until it is complete', () => {
    const edited = anApp({ ...app.spec, env: { CHANGED: 'yes' } });
    const releases = [{ ...release, journal: { ...going, phase: 'complete' as const } }];
    const observed = { releases, workloads: [job({ ready: 2 })], job: undefined, checks: [], pods: [], secrets: [] };
    const plan = planOf(edited, observed, at(1));
    expect(plan.current).toMatchObject({ version: 2, journal: { phase: 'rollout' } });
    expect(plan.workloads.map(({ release, kind }) => `${kind} ${release.version}`)).toEqual(['Job 2', 'Job 1']);
  });
});

describe('what a Job tells of its machines', () => {
  it.each<[string, ObservedJob, object]>([
    ['before it is seen', job({}), { desired: 2, ready: 0, stopped: 0, done: false }],
    ['while they run', job({ ready: 2 }), { desired: 2, ready: 2, stopped: 0, done: true }],
    ['when one has ended well', job({ ready: 1, succeeded: 1 }), { desired: 1, ready: 1, stopped: 1, done: true }],
    ['when all have ended well', job({ succeeded: 2, ...over('Complete') }), { desired: 0, stopped: 2, done: true }],
    [
      'when one has failed for good',
      job({ ready: 1, failed: 2, failedIndexes: '1' }),
      { desired: 2, ready: 1, failed: 1, done: false },
    ],
    [
      'when some of many have failed',
      job({ succeeded: 5, failedIndexes: '0,2-4', ...over('Failed') }, 9),
      { desired: 4, stopped: 5, failed: 4, late: 0, done: false },
    ],
    [
      'when more are asked for than there were when it ended',
      job({ succeeded: 2, ...over('Complete') }, 5),
      { desired: 0, stopped: 2, late: 3, done: true },
    ],
  ])('%s', (_, observed, expected) => {
    expect(rolloutOf(observed)).toMatchObject({ version: 1, ...expected });
  });
});
