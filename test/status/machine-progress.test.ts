import { describe, expect, it } from 'vitest';
import type { ObservedJob } from '../../src/api/kubernetes.ts';
import type { Machine, MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import { type MachineObserved, progressed } from '../../src/status/machine-progress.ts';
import { aMachine, aPod, exited, launched, running, withStatus } from '../desired/machine-fixture.ts';

const now = new Date('2026-01-01T00:10:00.250Z');
const nothing: MachineObserved = { pods: [], gone: [], workloads: [] };

/** A Machine that has been started once, in this state. */
const inState = (state: MachineStatus['state'], spec: Partial<MachineSpecInput> = {}) =>
  withStatus(launched(aMachine(spec)), { state });

/** The states that a Machine goes through until nothing changes any more, and its status then. */
function course(machine: Machine, observed: Partial<MachineObserved>): { states: string[]; status: MachineStatus } {
  const states: string[] = [];
  let { status } = machine;
  for (let step = 0; step < 30; step += 1) {
    const next = progressed({ ...machine, status }, { ...nothing, ...observed }, now);
    if (next === status) return { states, status };
    if (next.state !== status.state) states.push(next.state ?? '');
    status = next;
  }
  throw new Error(`does not settle: ${states}`);
}

function aJob({ status }: Machine, failed: number, end?: 'Complete' | 'Failed'): ObservedJob {
  const labels = { 'airfield.dev/run': `${status.run?.number}`, 'airfield.dev/version': status.version ?? '' };
  const conditions = end ? [{ type: end, status: 'True' }] : [];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'one', labels },
    status: { failed, conditions },
  } as ObservedJob;
}

const types = ({ events = [] }: MachineStatus) => events.map(({ type, status }) => `${type} ${status}`);

describe('a program that always runs', () => {
  const machine = inState('created');

  it('is starting until its container runs', () => {
    expect(course(machine, {}).states).toEqual(['starting']);
    const waiting = aPod(machine, { waiting: { reason: 'ContainerCreating' } }, { phase: 'Pending' });
    expect(course(machine, { pods: [waiting] }).states).toEqual(['starting']);
    const { states, status } = course(machine, { pods: [aPod(machine, running(3))] });
    expect(states).toEqual(['starting', 'started']);
    expect(status.events?.[0]).toMatchObject({
      type: 'start',
      timestamp: '2026-01-01T00:00:03.000Z',
      source: 'operator',
    });
  });

  it('is started again when it ends, and never stopped', () => {
    const crashed = { ...aPod(machine, { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 2 }) };
    crashed.status!.containerStatuses![0]!.lastState = exited(1, 5);
    const { states, status } = course(inState('started'), { pods: [crashed] });
    expect(states).toEqual(['starting']);
    expect(status).toMatchObject({ restarts: 2 });
    expect(status).not.toHaveProperty('exitCode');
    expect(status.events?.[0]?.exit).toEqual({
      container: 'c5',
      exitCode: 1,
      exitedAt: '2026-01-01T00:00:05.000Z',
      oomKilled: false,
      requestedStop: false,
      restarting: true,
    });
  });

  it('has failed while its image cannot be had, and comes back from there', () => {
    const pull = aPod(machine, { waiting: { reason: 'ImagePullBackOff' } }, { phase: 'Pending' });
    const { states, status } = course(machine, { pods: [pull] });
    expect(states).toEqual(['starting', 'failed']);
    expect(course({ ...machine, status }, { pods: [aPod(machine, running())] }).states).toEqual([
      'starting',
      'started',
    ]);
  });

  it('goes from replacing to starting only when the version before has ended', () => {
    const before = aPod(machine, running());
    const replaced = withStatus(machine, { state: 'replacing', run: { ...machine.status.run!, number: 2 } });
    expect(course(replaced, { pods: [before] }).states).toEqual([]);
    const ended = aPod(machine, exited(0, 9), { phase: 'Succeeded' });
    const { states, status } = course(replaced, { pods: [ended] });
    expect(states).toEqual(['starting']);
    expect(status.events?.[0]).toMatchObject({ type: 'exit', status: 'replacing', exit: { requestedStop: true } });
  });

  it('waits for a machine of its name that was there before, and does not tell how that ended', () => {
    const old = { creationTimestamp: '2025-12-31T00:00:00Z' };
    const other = { ...aPod(machine, exited(7, 9), { metadata: old, phase: 'Failed' }) };
    const { status } = course(machine, { pods: [other] });
    expect(types(status)).toEqual(['launch created']);
  });
});

describe('a stop', () => {
  it.each(['stopped', 'suspended'] as const)('ends as %s, with how the program ended', (asked) => {
    const base = inState('stopping');
    const machine = withStatus(base, { run: { ...base.status.run!, asked } });
    expect(course(machine, { pods: [aPod(machine, running())] }).states).toEqual([]);
    const gone = aPod(machine, exited(143, 9));
    const { states, status } = course(machine, { gone: [gone] });
    expect(states).toEqual([asked]);
    expect(status).toMatchObject({ exitCode: 143, run: { ended: true } });
    expect(status.events?.[0]?.exit).toMatchObject({ signal: 15, requestedStop: true, restarting: false });
  });

  it('is not over while what makes its pod has not been told', () => {
    const base = inState('stopping');
    const machine = withStatus(base, { run: { ...base.status.run!, asked: 'stopped' } });
    const deployment = (replicas: number, left: number) =>
      ({ kind: 'Deployment', metadata: { name: 'one' }, spec: { replicas }, status: { replicas: left } }) as never;
    expect(course(machine, { workloads: [deployment(1, 0)] }).states).toEqual([]);
    expect(course(machine, { workloads: [deployment(0, 1)] }).states).toEqual([]);
    expect(course(machine, { workloads: [deployment(0, 0)] }).states).toEqual(['stopped']);
  });

  it('of a machine that has not run is stopped at once, and destroys nothing', () => {
    const machine = inState('created', { state: 'stopped', autoDestroy: true });
    expect(course(machine, {}).states).toEqual(['stopped']);
  });
});

describe('a program that may end', () => {
  const no = { restart: { policy: 'no' } } as const;
  const onFailure = { restart: { policy: 'onFailure', maxRetries: 1 } } as const;

  it('was started and is stopped, also where both were missed', () => {
    const machine = inState('created', no);
    const pod = aPod(machine, exited(3, 9), { phase: 'Failed' });
    const { states, status } = course(machine, { pods: [pod], workloads: [aJob(machine, 1, 'Failed')] });
    expect(states).toEqual(['starting', 'started', 'stopped']);
    expect(status).toMatchObject({ exitCode: 3, run: { ended: true }, restarts: 0 });
    expect(types(status)).toEqual(['exit stopped', 'start started', 'launch created']);
  });

  it('is started again as often as it may, and tells each end', () => {
    const machine = inState('created', onFailure);
    const pods = [1, 2].map((at) => aPod(machine, exited(5, at * 10), { name: `one-${at}`, phase: 'Failed' }));
    const first = course(machine, { pods: pods.slice(0, 1), workloads: [aJob(machine, 1)] });
    expect(first.states).toEqual(['starting', 'started', 'starting']);
    const { states, status } = course(
      { ...machine, status: first.status },
      { pods, workloads: [aJob(machine, 2, 'Failed')] },
    );
    expect(states).toEqual(['started', 'stopped']);
    expect(status).toMatchObject({ exitCode: 5, restarts: 1 });
    expect(status.events?.filter(({ exit }) => exit).map(({ exit }) => exit?.restarting)).toEqual([false, true]);
  });

  it('tells each end of several that nobody saw', () => {
    const machine = inState('created', onFailure);
    const pods = [1, 2].map((at) => aPod(machine, exited(5, at * 10), { name: `one-${at}`, phase: 'Failed' }));
    const { states, status } = course(machine, { pods, workloads: [aJob(machine, 2, 'Failed')] });
    expect(states).toEqual(['starting', 'started', 'starting', 'started', 'stopped']);
    expect(types(status)).toEqual([
      'exit stopped',
      'start started',
      'exit starting',
      'start started',
      'launch created',
    ]);
  });

  it('is not over before it is known how it ended', () => {
    const machine = inState('started', no);
    const job = aJob(machine, 1, 'Failed');
    const endedAt = (time: string) => Object.assign(job.status!.conditions![0]!, { lastTransitionTime: time });
    endedAt('2026-01-01T00:09:59Z');
    expect(course(machine, { pods: [aPod(machine, running())], workloads: [job] }).states).toEqual([]);
    expect(course(machine, { workloads: [job] }).states).toEqual([]);
    endedAt('2026-01-01T00:09:00Z');
    const { states, status } = course(machine, { workloads: [job] });
    expect(states).toEqual(['stopped']);
    expect(status).not.toHaveProperty('exitCode');
    const late = aPod(machine, exited(3, 9), { phase: 'Failed' });
    const { status: then } = course({ ...machine, status }, { pods: [late], workloads: [job] });
    expect(then).toMatchObject({ exitCode: 3, state: 'stopped' });
    expect(then.events?.[0]?.exit).toMatchObject({ requestedStop: false, restarting: false });
  });

  it('does not run a second time when its Job is taken away', () => {
    expect(course(inState('started', no), {}).states).toEqual(['stopped']);
    expect(course(inState('started', onFailure), {}).states).toEqual(['starting']);
  });

  it('goes on as it is while its node does not answer, where it must not run twice', () => {
    const machine = inState('started', no);
    const lost = { deletionTimestamp: '2026-01-01T00:00:30Z' };
    const observed = { pods: [aPod(machine, running(), { metadata: lost })], workloads: [aJob(machine, 0)] };
    expect(course(machine, observed).states).toEqual([]);
  });

  it('has failed where it was never started', () => {
    const machine = inState('starting', no);
    const pod = aPod(machine, { waiting: { reason: 'PodInitializing' } }, { phase: 'Failed' });
    expect(course(machine, { pods: [pod], workloads: [aJob(machine, 1, 'Failed')] }).states).toEqual(['failed']);
  });

  it('destroys itself where it should, when what it was made of is gone', () => {
    const machine = inState('started', { ...no, autoDestroy: true });
    const pod = aPod(machine, exited(0, 9), { phase: 'Succeeded' });
    const observed = { pods: [pod], workloads: [aJob(machine, 0, 'Complete')] };
    const { states, status } = course(machine, observed);
    expect(states).toEqual(['stopped', 'destroying']);
    expect(course({ ...machine, status }, {}).states).toEqual(['destroyed']);
  });
});
