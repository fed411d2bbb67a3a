import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineState } from '../../src/api/machine-status.ts';
import { machineEdges } from '../../src/status/machine-states.ts';
import { clientApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { forEver, MachineWatch, patchMachine, restartMachine, shellMachine, stubborn } from './machine-kind.ts';
import { OperatorProcess } from './operator.ts';

let operator: OperatorProcess;
let acme: Namespace;
let watch: MachineWatch;

const none = 'airfield.local/nothing:1';

beforeAll(async () => {
  acme = await Namespace.create('machine-kind');
  operator = await OperatorProcess.startIn(acme);
  watch = await MachineWatch.start(acme);
  await acme.apply(clientApp('hello', { processes: [{ name: 'app', count: 0 }] }));
});
afterAll(async () => {
  watch.stop();
  await acme.delete();
  await operator.stop();
});

type Deed = (name: string) => Promise<unknown>;
/** What is done to a Machine, and the states that it is seen in from then on; the last one is waited for. */
type Step = readonly [deed: Deed, ...states: MachineState[]];

const created: Deed = async () => undefined;
const to =
  (spec: Partial<MachineSpecInput>): Deed =>
  (name) =>
    patchMachine(acme, name, spec);
let serial = 0;
const restarted: Deed = async (name) => {
  serial += 1;
  await restartMachine(acme, name, `${serial}`);
};
/** Held by a finalizer, so that what becomes of it can be seen. */
const deleted: Deed = async (name) => {
  await acme.kubectl([
    'patch',
    'machine',
    name,
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":["example.com/hold"]}}',
  ]);
  await acme.kubectl(['delete', 'machine', name, '--wait=false']);
};
const released: Deed = (name) =>
  acme.kubectl(['patch', 'machine', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);

/** Too large for any node. */
const large = { vm: { memory: '4Ti' } };
const again = (value: string) => ({ env: { AGAIN: value } });

const lives: [name: string, machine: [script: string, spec?: Partial<MachineSpecInput>], ...steps: Step[]][] = [
  [
    'runs',
    [forEver],
    [created, 'created', 'starting', 'started'],
    [to({ state: 'stopped' }), 'stopping', 'stopped'],
    [to(again('1')), 'replacing', 'stopped'],
    [to({ state: 'started' }), 'starting', 'started'],
    [restarted, 'stopping', 'starting', 'started'],
    [to(again('2')), 'replacing', 'starting', 'started'],
    [deleted, 'destroying'],
  ],
  [
    'sleeps',
    [forEver],
    [created, 'created', 'starting', 'started'],
    [to({ state: 'suspended' }), 'stopping', 'suspended'],
    [to({ state: 'started' }), 'starting', 'started'],
    [to({ state: 'suspended' }), 'stopping', 'suspended'],
    [to(again('1')), 'replacing', 'stopped'],
    [to({ state: 'started' }), 'starting', 'started'],
    [to({ state: 'suspended' }), 'stopping', 'suspended'],
    [to({ state: 'stopped' }), 'stopped'],
  ],
  [
    'sleeps-away',
    [forEver],
    [created, 'created', 'starting', 'started'],
    [to({ state: 'suspended' }), 'stopping', 'suspended'],
    [deleted, 'destroying'],
  ],
  [
    'ends',
    ['sleep 1', { restart: { policy: 'no' } }],
    [created, 'created', 'starting', 'started', 'stopped'],
    [restarted, 'starting', 'started', 'stopped'],
    [deleted, 'destroying'],
  ],
  ['crashes', ['sleep 1; exit 1'], [created, 'created', 'starting', 'started', 'starting', 'started']],
  [
    'vanishes',
    ['sleep 1', { restart: { policy: 'no' }, autoDestroy: true }],
    [created, 'created', 'starting', 'started', 'stopped', 'destroying', 'destroyed'],
  ],
  ['rests', [forEver, { state: 'stopped' }], [created, 'created', 'stopped']],
  ['waits', [forEver, { app: 'later' }], [created, 'created'], [deleted, 'destroying']],
  [
    'broken',
    [forEver, { image: none }],
    [created, 'created', 'starting', 'failed'],
    [restarted, 'starting', 'failed'],
    [to({ image: 'airfield.local/client:1' }), 'replacing', 'starting', 'started'],
    [to({ image: none }), 'replacing', 'starting', 'failed'],
    [to({ state: 'stopped' }), 'stopping', 'stopped'],
  ],
  ['broken-away', [forEver, { image: none }], [created, 'created', 'starting', 'failed'], [deleted, 'destroying']],
  [
    'large',
    [forEver, large],
    [created, 'created', 'starting'],
    [to(again('1')), 'replacing', 'starting'],
    [to({ state: 'stopped' }), 'stopping', 'stopped'],
    [to({ state: 'started' }), 'starting'],
    [deleted, 'destroying'],
  ],
  [
    'stubborn',
    [stubborn.script, stubborn.spec],
    [created, 'created', 'starting', 'started'],
    [to({ state: 'stopped' }), 'stopping'],
    [deleted, 'destroying'],
  ],
  [
    'replaced',
    [stubborn.script, stubborn.spec],
    [created, 'created', 'starting', 'started'],
    [to(again('1')), 'replacing'],
    [deleted, 'destroying'],
  ],
];

describe('the states of a Machine', () => {
  it.concurrent.each(lives)('%s', async (name, [script, spec], ...steps) => {
    await acme.apply(shellMachine(name, script, spec));
    let past = 0;
    for (const [deed, ...states] of steps) {
      await deed(name);
      const seen = () => watch.states(name).slice(past, past + states.length);
      await until(`${name} to be ${states}`, async () => seen().length === states.length).catch(() => undefined);
      expect(seen(), name).toEqual(states);
      past += states.length;
    }
    if (steps.some(([deed]) => deed === deleted)) await released(name);
  });

  it('were all seen to lead to one another, and no others', () => {
    const edges = Object.entries(machineEdges).flatMap(([from, list]) => list.map((state) => `${from} ${state}`));
    expect([...watch.transitions].sort()).toEqual(edges.sort());
  });
});
