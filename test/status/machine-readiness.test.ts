import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import type { Machine, MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import { machineReadiness } from '../../src/status/machine-readiness.ts';
import { aMachine, aPod, launched, running, withStatus } from '../desired/machine-fixture.ts';

const now = new Date('2026-01-01T00:10:00Z');

const inState = (
  state: MachineStatus['state'],
  status: Partial<MachineStatus> = {},
  spec: Partial<MachineSpecInput> = {},
) => withStatus(launched(aMachine(spec)), { state, ...status });

/** `Ready` and what is beside it, with the message. */
function told(machine: Machine, pods: ObservedPod[] = []): string {
  const [ready, beside] = machineReadiness(machine, pods, now);
  return `${ready?.status} ${ready?.reason}${beside ? ` ${beside.type}` : ''}: ${ready?.message}`;
}

const asked = (state: 'started' | 'stopped') => ({ run: { number: 1, asked: state, ended: true } });
const lost = { metadata: { deletionTimestamp: '2026-01-01T00:09:00Z' } };

describe('Ready of a Machine', () => {
  it.each<[string, Machine, string]>([
    ['stopped', inState('stopped', asked('stopped')), 'True Stopped: it is stopped, as the spec asks'],
    [
      'ended well',
      inState('stopped', { ...asked('started'), exitCode: 0 }),
      'True Exited: its program ended with exit code 0',
    ],
    [
      'ended badly',
      inState('stopped', { ...asked('started'), exitCode: 3, restarts: 2 }),
      'False ExitedWithError Stalled: its program ended with exit code 3, after 2 restarts',
    ],
    [
      'destroyed after a bad end',
      inState('destroyed', { exitCode: 3 }),
      'False ExitedWithError Stalled: its program ended with exit code 3',
    ],
    ['starting', inState('starting'), 'Unknown Starting Reconciling: its program is being started'],
  ])('%s', (_, machine, expected) => {
    expect(told(machine)).toBe(expected);
  });

  it('is true while its program runs and is ready', () => {
    const machine = inState('started');
    expect(told(machine, [aPod(machine, running())])).toBe('True Running: its program runs on node node-1');
  });

  it('says why it does not start', () => {
    const machine = inState('starting');
    const pod = aPod(machine, { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } });
    expect(told(machine, [pod])).toBe('False CrashLoopBackOff Reconciling: machine one-1: CrashLoopBackOff (back-off)');
  });

  it('says that a node is silent, though its containers are said to be well', () => {
    const machine = inState('started');
    const pod = aPod(machine, running());
    pod.status!.conditions = [{ type: 'Ready', status: 'False' }];
    expect(told(machine, [pod])).toBe(
      'False NodeNotAnswering Reconciling: node node-1 of machine one-1 does not answer; it is started elsewhere when Kubernetes has given the node up',
    );
  });

  it('is true again when it runs elsewhere, whatever the silent node says', () => {
    const machine = inState('started');
    const old = aPod(machine, running(), { name: 'one-1', ...lost });
    expect(told(machine, [old, aPod(machine, running(), { name: 'one-2' })])).toMatch(/^True Running/);
  });

  it('says that a program which must not run twice waits', () => {
    const machine = inState('started', {}, { restart: { policy: 'no' } });
    const pod = aPod(machine, running(), lost);
    pod.status!.conditions = [{ type: 'Ready', status: 'False' }];
    expect(told(machine, [pod])).toMatch(/must not run twice, so it waits until the node answers, or is deleted/);
  });

  it('says that it cannot be known whether a program has stopped', () => {
    const machine = inState('stopping', { run: { number: 1, asked: 'stopped', ended: false } });
    expect(told(machine, [aPod(machine, running(), lost)])).toMatch(/^False NodeNotAnswering.*cannot be known/);
  });
});
