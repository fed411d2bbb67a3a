import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ObservedJob, ObservedPod, ObservedWorkload } from '../../src/api/kubernetes.ts';
import type { Journal, Release } from '../../src/api/release.ts';
import type { Workload } from '../../src/desired/workloads.ts';
import { planOf, type ReleaseObserved, type ReleasePlan } from '../../src/release/plan.ts';
import { anApp, aRelease } from '../desired/app-fixture.ts';

type Spec = Partial<AppSpecInput>;
type Strategy = NonNullable<NonNullable<Spec['deploy']>['strategy']>;

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000);
const iso = (seconds: number) => at(seconds).toISOString();

const web = { internalPort: 8080, ports: [{ port: 80 }], machineChecks: [{ command: ['try'] }] };
const spec = (strategy: Strategy, more: Spec = {}): Spec => ({
  count: 2,
  services: [web],
  ...more,
  deploy: { strategy, waitTimeout: '60s' },
});

/** Release 1 serves, release 2 is in the phase; or release 1 is, where there is none before it. */
function releasesOf(strategy: Strategy, phase: Journal['phase'], more: Spec = {}, isFirst = false): Release[] {
  const app = anApp({ ...spec(strategy, more), env: { VERSION: '1' } });
  const slot = strategy === 'bluegreen' && !isFirst ? 'green' : 'blue';
  const journal: Journal = { phase, since: iso(0), slot };
  if (isFirst) return [{ ...aRelease(appOf(strategy, more)), journal }];
  return [aRelease(app), { ...aRelease(appOf(strategy, more), 2), journal }];
}
const appOf = (strategy: Strategy, more: Spec = {}) => anApp({ ...spec(strategy, more), env: { VERSION: '2' } });

interface Scene extends Partial<Omit<ReleaseObserved, 'releases'>> {
  strategy?: Strategy;
  phase?: Journal['phase'];
  more?: Spec;
  isFirst?: boolean;
  seconds?: number;
}

function planAt({ strategy = 'rolling', phase = 'canary', more, isFirst, seconds = 1, ...observed }: Scene) {
  const releases = releasesOf(strategy, phase, more, isFirst);
  const nothing = { workloads: [], pods: [], job: undefined, checks: [], secrets: [] };
  return planOf(appOf(strategy, more), { ...nothing, releases, ...observed }, at(seconds));
}

const tried = ({ workloads, current }: ReleasePlan) => workloads.filter(({ release }) => release === current);

/** The machines that a plan tries, all ready. */
function ready(plan: ReleasePlan): Pick<ReleaseObserved, 'workloads' | 'pods'> {
  const workloads = tried(plan);
  return { workloads: workloads.map(observedWorkload), pods: workloads.flatMap(observedPods) };
}

function observedWorkload({ kind, name, count, release }: Workload): ObservedWorkload {
  const template = { metadata: { labels: { 'airfield.dev/release': `${release.version}` } } };
  const status = { updatedReplicas: count, replicas: count, availableReplicas: count };
  return { kind, metadata: { name }, spec: { replicas: count, template }, status } as unknown as ObservedWorkload;
}

function observedPods({ name, count, release }: Workload): ObservedPod[] {
  const labels = { 'airfield.dev/release': `${release.version}`, 'airfield.dev/workload': name };
  return Array.from({ length: count }, (_, index) => {
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: iso(2) }];
    const metadata = { name: `${name}-${index}`, labels };
    return { metadata, status: { podIP: `10.0.0.${index + 1}`, conditions } } as unknown as ObservedPod;
  });
}

function checkJob(name: string, ended?: 'Complete' | 'Failed', version = 2, created = 3): ObservedJob {
  const labels = { 'airfield.dev/release': `${version}`, 'airfield.dev/role': 'machine-check' };
  const metadata = { name, labels, creationTimestamp: iso(created) };
  const status = ended ? { conditions: [{ type: ended, status: 'True' }] } : {};
  return { kind: 'Job', metadata, status } as unknown as ObservedJob;
}

function checkPod(job: string, state: object): ObservedPod {
  const labels = {
    'airfield.dev/release': '2',
    'airfield.dev/role': 'machine-check',
    'batch.kubernetes.io/job-name': job,
  };
  const status = { containerStatuses: [{ name: 'app', ready: false, state }] };
  return { metadata: { name: `${job}-x`, labels }, status } as unknown as ObservedPod;
}

/** A plan whose machines are ready, and the name of the Job of its only check. */
function checking(scene: Scene = {}) {
  const machines = ready(planAt(scene));
  const plan = planAt({ ...scene, ...machines });
  return { machines, plan, name: plan.checks.run[0]!.name };
}

describe.each<Strategy>(['rolling', 'immediate', 'canary'])('a release by %s with machine checks', (strategy) => {
  it('tries one machine beside those that serve, without traffic', () => {
    const plan = planAt({ strategy, phase: 'command' });
    expect(plan.current.journal.phase).toBe('canary');
    expect(tried(plan)).toMatchObject([{ role: 'canary', count: 1, slot: 'green' }]);
    expect(plan.slot).toBe('blue');
    expect(plan.workloads.filter(({ release }) => release.version === 1)).toMatchObject([{ count: 2 }]);
    expect(plan.checks.run).toEqual([]);
  });

  it('tries one also before there is anything that serves', () => {
    const plan = planAt({ strategy, phase: 'command', isFirst: true });
    expect(plan.current.journal.phase).toBe('canary');
    expect(plan.workloads).toMatchObject([{ role: 'canary', count: 1, slot: 'green' }]);
  });

  it('is checked when its machine is ready, and goes out when it has passed', () => {
    const { machines, plan, name } = checking({ strategy });
    expect(plan.checks.run).toMatchObject([{ address: '10.0.0.1', check: { command: ['try'] } }]);
    const running = planAt({ strategy, ...machines, checks: [checkJob(name)] });
    expect(running.current.journal.phase).toBe('canary');
    expect(running.checks).toEqual({ run: [], remove: [] });
    expect(running.until).toEqual(at(63));
    const passed = planAt({ strategy, ...machines, checks: [checkJob(name, 'Complete')] });
    expect(passed.current.journal.phase).toBe('rollout');
    expect(tried(passed)).toMatchObject([{ role: 'machines', count: 2, slot: 'blue' }]);
    expect(passed.checks).toEqual({ run: [], remove: [] });
  });

  it('has failed when a check has, with its exit code and last lines', () => {
    const { machines, name } = checking({ strategy });
    const pod = checkPod(name, { terminated: { exitCode: 4, message: 'wrong colour' } });
    const pods = [...machines.pods, pod];
    const { current, workloads, checks } = planAt({
      strategy,
      ...machines,
      pods,
      checks: [checkJob(name, 'Failed')],
    });
    expect(current.journal).toMatchObject({ phase: 'failed', failedIn: 'canary', reason: 'MachineCheckFailed' });
    expect(current.journal.message).toBe(
      'services[0].machineChecks[0] against a machine of `app` failed: its program ended with exit code 4; it said: wrong colour',
    );
    expect(workloads.map(({ release }) => release.version)).toEqual([1]);
    expect(checks.remove).toEqual([]);
  });
});

describe('a release by bluegreen with machine checks', () => {
  it('is checked by one machine of the new set before the traffic turns to it', () => {
    const { machines, plan, name } = checking({ strategy: 'bluegreen' });
    expect(tried(plan)).toMatchObject([{ role: 'machines', count: 2, slot: 'green' }]);
    expect([plan.slot, plan.checks.run.length]).toEqual(['blue', 1]);
    const passed = planAt({ strategy: 'bluegreen', ...machines, checks: [checkJob(name, 'Complete')] });
    expect([passed.current.journal.phase, passed.slot]).toEqual(['complete', 'green']);
  });
});

describe('machine checks', () => {
  it('are of each service and group, and only groups that have some are tried', () => {
    const more: Spec = {
      processes: [{ name: 'app' }, { name: 'api' }, { name: 'worker' }],
      services: [
        { ...web, processes: ['app', 'api'], machineChecks: [{ command: ['one'] }, { command: ['two'] }] },
        { internalPort: 9090, processes: ['worker'] },
      ],
    };
    const { plan } = checking({ more });
    expect(tried(plan).map(({ group }) => group.name)).toEqual(['app', 'api']);
    expect(plan.checks.run.map(({ field, workload }) => `${workload.group.name} ${field}`)).toEqual([
      'app services[0].machineChecks[0]',
      'app services[0].machineChecks[1]',
      'api services[0].machineChecks[0]',
      'api services[0].machineChecks[1]',
    ]);
    expect(new Set(plan.checks.run.map(({ name }) => name)).size).toBe(4);
  });

  it('are not of machines with volumes', () => {
    const more: Spec = { mounts: [{ name: 'data', destination: '/data' }] };
    expect(planAt({ phase: 'command', more }).current.journal.phase).toBe('rollout');
  });

  it('that have succeeded do not run again while another one does', () => {
    const more: Spec = { services: [{ ...web, machineChecks: [{ command: ['one'] }, { command: ['two'] }] }] };
    const { machines, plan } = checking({ more });
    const [one, two] = plan.checks.run.map(({ name }) => name) as [string, string];
    const half = planAt({ more, ...machines, checks: [checkJob(one, 'Complete')] });
    expect(half.checks.run.map(({ name }) => name)).toEqual([two]);
    expect(half.current.journal.phase).toBe('canary');
  });

  it.each<[string, object, string, RegExp]>([
    ['still runs', { running: {} }, 'MachineCheckTimedOut', /machineChecks\[0\] .* has not ended within 60s/],
    [
      'has not begun',
      { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } },
      'ImagePullBackOff',
      /does not start: .*no such image/,
    ],
  ])('fail a release when one %s after waitTimeout, and are stopped', (_, state, reason, message) => {
    const { machines, name } = checking();
    const job = checkJob(name);
    const observed = { ...machines, pods: [...machines.pods, checkPod(name, state)], checks: [job] };
    expect(planAt({ ...observed, seconds: 62 }).current.journal.phase).toBe('canary');
    const { current, checks } = planAt({ ...observed, seconds: 63 });
    expect(current.journal).toMatchObject({ phase: 'failed', reason, message: expect.stringMatching(message) });
    expect(checks.remove).toEqual([job]);
  });

  it('fail a release when their Job cannot even be made', () => {
    const { machines } = checking();
    expect(planAt({ ...machines, seconds: 61 }).current.journal.phase).toBe('canary');
    expect(planAt({ ...machines, seconds: 62 }).current.journal.reason).toBe('MachineCheckTimedOut');
  });

  it.each<[string, Journal['phase'], (string | undefined)[]]>([
    ['stay while it is rolled out', 'rollout', ['old']],
    ['go when it is complete', 'complete', ['old', 'passed', 'running']],
    ['that have ended stay when it has failed', 'failed', ['old', 'running']],
  ])('%s', (_, phase, removed) => {
    const checks = [checkJob('old', 'Failed', 1), checkJob('passed', 'Complete'), checkJob('running')];
    const { remove } = planAt({ phase, checks }).checks;
    expect(remove.map(({ metadata }) => metadata.name)).toEqual(removed);
  });

  it('that are edited after they have failed are a reason to try again; edited otherwise they make no release', () => {
    const more: Spec = { services: [{ ...web, machineChecks: [{ command: ['better'] }] }] };
    const edited = (phase: Journal['phase']) => {
      const nothing = { workloads: [], pods: [], job: undefined, checks: [], secrets: [] };
      const observed = { ...nothing, releases: releasesOf('rolling', phase) };
      return planOf(appOf('rolling', more), observed, at(1)).current.version;
    };
    expect([edited('failed'), edited('canary'), edited('complete')]).toEqual([3, 3, 2]);
  });
});
