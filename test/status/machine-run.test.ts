import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { Machine, MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import { configOf } from '../../src/desired/machine-workload.ts';
import { takenUp } from '../../src/status/machine-run.ts';
import { anApp } from '../desired/app-fixture.ts';
import { aMachine, launched, ofApp, withStatus } from '../desired/machine-fixture.ts';

const later = new Date('2026-01-01T01:00:00.500Z');

function taken(machine: Machine, app: Partial<AppSpecInput> = {}): MachineStatus | undefined {
  const of = ofApp(machine, anApp(app));
  return takenUp(of, configOf(of), later);
}

/** A Machine that was made with `first` and is in this state, after its spec has become `second`. */
function edited(
  first: Partial<MachineSpecInput>,
  second: Partial<MachineSpecInput>,
  status: Partial<MachineStatus> = { state: 'started' },
): Machine {
  const before = withStatus(launched(aMachine(first)), status);
  return { ...aMachine(second, { generation: 2 }), status: before.status };
}

const restarted = (machine: Machine, value: string): Machine => ({
  ...machine,
  metadata: { ...machine.metadata, annotations: { 'airfield.dev/restarted-at': value } },
});

describe('a Machine that was just made', () => {
  const { status } = launched(aMachine());

  it('has an id as on Fly, which is its own for life', () => {
    expect(status.id).toMatch(/^[0-9a-f]{14}$/);
    expect(launched(aMachine({ env: { A: 'b' } })).status.id).toBe(status.id);
    expect(launched(aMachine({}, { uid: 'other' })).status.id).not.toBe(status.id);
  });

  it('is created, with a version and its first event', () => {
    expect(status).toMatchObject({ state: 'created', version: expect.stringMatching(/^[0-9A-Z]{26}$/) });
    expect(status.events).toEqual([
      { type: 'launch', status: 'created', source: 'user', timestamp: '2026-01-01T00:00:00.000Z' },
    ]);
  });

  it('has nothing more to be taken up', () => {
    expect(taken(launched(aMachine()))).toBeUndefined();
  });
});

describe('a new version', () => {
  it.each<[string, Partial<MachineSpecInput>, Partial<MachineSpecInput>]>([
    ['another image', {}, { image: 'other:1' }],
    ['another environment', {}, { env: { A: 'b' } }],
    ['another command', {}, { command: ['work'] }],
    ['another size', {}, { vm: { memory: '1Gi' } }],
    ['a terminal', {}, { tty: true }],
    ['another restart policy', {}, { restart: { policy: 'no' } }],
    ['more retries', { restart: { policy: 'onFailure' } }, { restart: { policy: 'onFailure', maxRetries: 3 } }],
    ['a mount', {}, { mounts: [{ name: 'data', destination: '/data' }] }],
    ['another process group', {}, { metadata: { fly_process_group: 'worker' } }],
  ])('is what %s makes', (_, first, second) => {
    const machine = edited(first, second);
    const status = taken(machine);
    expect(status?.version).not.toBe(machine.status.version);
    expect(status).toMatchObject({ state: 'replacing', run: { number: 2 }, updatedAt: later.toISOString() });
    expect(status?.events?.[0]).toMatchObject({ type: 'update', status: 'replacing', source: 'user' });
  });

  it.each<[string, Partial<MachineSpecInput>, Partial<MachineSpecInput>]>([
    ['words of the user', {}, { metadata: { team: 'a' } }],
    ['being cordoned', {}, { cordoned: true }],
    ['destroying itself later', {}, { autoDestroy: true }],
    [
      'a larger volume',
      { mounts: [{ name: 'data', destination: '/data' }] },
      { mounts: [{ name: 'data', destination: '/data', size: '2Gi' }] },
    ],
    ['what is not acted on', {}, { schedule: 'daily', swap: '1Gi' }],
  ])('is not what %s makes', (_, first, second) => {
    expect(taken(edited(first, second))).toBeUndefined();
  });

  it('follows the App, where the program always runs', () => {
    const machine = withStatus(launched(aMachine()), { state: 'started' });
    const status = taken(machine, { image: 'example.com/hello:2' });
    expect(status).toMatchObject({ state: 'replacing', image: 'example.com/hello:2' });
    expect(status?.events?.[0]).toMatchObject({ type: 'update', source: 'operator' });
    expect(
      taken(withStatus(launched(aMachine({ image: 'own:1' })), {}), { image: 'example.com/hello:2' }),
    ).toBeUndefined();
    expect(taken(machine, { env: { A: 'b' } })).toBeUndefined();
  });

  it('waits for the next start, where the program may end', () => {
    const machine = withStatus(launched(aMachine({ restart: { policy: 'no' } })), { state: 'started' });
    expect(taken(machine, { image: 'example.com/hello:2' })).toBeUndefined();
    const again = taken(restarted(machine, '1'), { image: 'example.com/hello:2' });
    expect(again).toMatchObject({ image: 'example.com/hello:2', state: 'stopping' });
    expect(again?.version).not.toBe(machine.status.version);
  });
});

describe('a restart', () => {
  it('is another run of the same version', () => {
    const machine = restarted(withStatus(launched(aMachine()), { state: 'started' }), '1');
    const status = taken(machine);
    expect(status).toMatchObject({
      state: 'stopping',
      version: machine.status.version,
      run: { number: 2, restartedAt: '1' },
    });
    expect(status?.events?.[0]).toMatchObject({ type: 'restart', source: 'user' });
    expect(taken({ ...machine, status: status! })).toBeUndefined();
  });

  it('starts a program again that has ended, without what it ended with', () => {
    const ended = { state: 'stopped', exitCode: 3, run: { number: 1, asked: 'started', ended: true } } as const;
    const status = taken(restarted(withStatus(launched(aMachine({ restart: { policy: 'no' } })), ended), '1'));
    expect(status).toMatchObject({ state: 'starting', run: { number: 2, ended: false } });
    expect(status).not.toHaveProperty('exitCode');
  });

  it('does nothing to a stopped machine, now or when it starts', () => {
    const stopped = restarted(withStatus(launched(aMachine({ state: 'stopped' })), { state: 'stopped' }), '1');
    const status = taken(stopped);
    expect(status).toMatchObject({ state: 'stopped', run: { number: 1, restartedAt: '1' } });
    expect(status?.events).toHaveLength(1);
  });

  it('of a Machine that had the annotation from the beginning is none', () => {
    const machine = launched(aMachine({}, { annotations: { 'airfield.dev/restarted-at': '1' } }));
    expect(machine.status.run?.restartedAt).toBe('1');
    expect(taken(machine)).toBeUndefined();
  });
});

describe('a stop and a start', () => {
  it.each([
    ['stopped', 'stop'],
    ['suspended', 'suspend'],
  ] as const)('%s is taken up as %s', (state, type) => {
    const status = taken(edited({}, { state }));
    expect(status).toMatchObject({ state: 'stopping', run: { number: 1, asked: state } });
    expect(status?.events?.[0]).toMatchObject({ type, status: 'stopping', source: 'user' });
  });

  it('of a program that has ended changes nothing but what was asked for', () => {
    const status = taken(edited({}, { state: 'stopped' }, { state: 'stopped' }));
    expect(status).toMatchObject({ state: 'stopped', run: { asked: 'stopped' } });
    expect(status?.events).toHaveLength(1);
  });

  it('starts the same version as another run', () => {
    const machine = edited({ state: 'stopped' }, { state: 'started' }, { state: 'stopped' });
    const status = taken(machine);
    expect(status).toMatchObject({ state: 'starting', version: machine.status.version, run: { number: 2 } });
    expect(status?.events?.[0]).toMatchObject({ type: 'start', status: 'starting', source: 'user' });
  });

  it('comes too late for a Machine that destroys itself', () => {
    expect(taken(edited({}, { state: 'stopped', env: { A: 'b' } }, { state: 'destroying' }))).toBeUndefined();
  });
});
