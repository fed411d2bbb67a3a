import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import { isEdge } from '../../src/status/machine-states.ts';
import { clientApp } from './apps.ts';
import { KilledOperator, seed } from './killed-operator.ts';
import { Namespace, until } from './kubectl.ts';
import {
  forEver,
  MachineWatch,
  patchMachine,
  reaches,
  readMachine,
  restartMachine,
  type StoredMachine,
  shellMachine,
} from './machine-kind.ts';

const killsPerRound = 4;
/** Milliseconds after the deed within which the operator is killed: about as long as all of it takes with that. */
const span = 8_000;
const rounds = [1, 2];

let operator: KilledOperator;
let acme: Namespace;
let watch: MachineWatch;

beforeAll(async () => {
  acme = await Namespace.create('machine-kills');
  operator = await KilledOperator.startIn(acme);
  watch = await MachineWatch.start(acme);
  await acme.apply(clientApp('hello', { processes: [{ name: 'app', count: 0 }] }));
});
afterAll(async () => {
  watch.stop();
  await acme.delete();
  await operator.stop();
});

interface Operation {
  readonly machine: [script: string, spec?: Partial<MachineSpecInput>];
  /** State that it is brought to before anything is done; without one the operation is that it is made. */
  readonly from?: MachineStatus['state'];
  readonly deed?: (name: string) => Promise<unknown>;
  /** Of the status when all is over. */
  readonly end: object;
  /** What is told since it was made, the newest first; the end of a program that was asked to stop may have been missed. */
  readonly events: string[];
  readonly versions: number;
  /** Pods of runs that may not be repeated. */
  readonly pods?: number;
}

const env = { AGAIN: '1' };
const operations: Record<string, Operation> = {
  create: {
    machine: [forEver],
    end: { state: 'started', run: { number: 1 } },
    events: ['start', 'launch'],
    versions: 1,
  },
  start: {
    machine: [forEver, { state: 'stopped' }],
    from: 'stopped',
    deed: (name) => patchMachine(acme, name, { state: 'started' }),
    end: { state: 'started', run: { number: 2 } },
    events: ['start', 'start', 'launch'],
    versions: 1,
  },
  stop: {
    machine: [forEver],
    from: 'started',
    deed: (name) => patchMachine(acme, name, { state: 'stopped' }),
    end: { state: 'stopped', run: { number: 1, ended: true } },
    events: ['stop', 'start', 'launch'],
    versions: 1,
  },
  update: {
    machine: [forEver],
    from: 'started',
    deed: (name) => patchMachine(acme, name, { env }),
    end: { state: 'started', run: { number: 2 } },
    events: ['start', 'update', 'start', 'launch'],
    versions: 2,
  },
  restart: {
    machine: [forEver],
    from: 'started',
    deed: (name) => restartMachine(acme, name, '1'),
    end: { state: 'started', run: { number: 2 } },
    events: ['start', 'restart', 'start', 'launch'],
    versions: 1,
  },
  exit: {
    machine: ['sleep 3; exit 3', { restart: { policy: 'no' } }],
    end: { state: 'stopped', exitCode: 3, run: { number: 1, ended: true } },
    events: ['exit', 'start', 'launch'],
    versions: 1,
    pods: 1,
  },
  retry: {
    machine: ['sleep 1; exit 5', { restart: { policy: 'onFailure', maxRetries: 1 } }],
    end: { state: 'stopped', exitCode: 5, restarts: 1, run: { number: 1, ended: true } },
    events: ['exit', 'start', 'exit', 'start', 'launch'],
    versions: 1,
    pods: 2,
  },
  destroy: {
    machine: ['sleep 2', { restart: { policy: 'no' }, autoDestroy: true }],
    end: { state: 'destroyed', exitCode: 0, run: { number: 1, ended: true } },
    events: ['destroy', 'destroy', 'exit', 'start', 'launch'],
    versions: 1,
  },
};

const podsOf = async (name: string) => (await acme.namesWith(`airfield.dev/machine=${name}`, 'pods')).length;

/** What is told, but for ends that were asked for. */
const told = ({ status }: StoredMachine) =>
  (status.events ?? []).filter(({ exit }) => !exit?.requestedStop).map(({ type }) => type);

describe(`the operator killed at random moments of a Machine's life (AIRFIELD_TEST_SEED=${seed})`, () => {
  it.each(rounds)('leaves it as if nothing had happened: round %i', async (round) => {
    const all = Object.entries(operations).map(([name, operation]) => ({ name: `${name}-${round}`, ...operation }));
    const [before, anew] = [all.filter(({ from }) => from), all.filter(({ from }) => !from)];
    await acme.apply(...before.map(({ name, machine }) => shellMachine(name, ...machine)));
    for (const { name, from } of before) await reaches(acme, name, from);
    const killed = operator.kills(`${round}`, killsPerRound, span);
    await acme.apply(...anew.map(({ name, machine }) => shellMachine(name, ...machine)));
    await Promise.all(before.map(({ name, deed }) => deed?.(name)));
    await killed;
    for (const { name, end, events, versions, pods } of all) {
      const state = (end as MachineStatus).state;
      await reaches(acme, name, state, ({ run, restarts = 0, version }) => {
        const { number, ended = false } = (end as MachineStatus).run ?? {};
        return run?.number === number && run?.ended === ended && restarts >= 0 && version !== undefined;
      });
      const machine = await readMachine(acme, name);
      expect(machine.status, name).toMatchObject(end);
      expect(told(machine), name).toEqual(events);
      if (pods !== undefined) expect(await podsOf(name), name).toBe(pods);
      await until('the watch', async () => watch.states(name).at(-1) === state);
      const states = watch.states(name);
      const wrong = states.slice(1).filter((to, index) => !isEdge(states[index] as never, to as never));
      expect(wrong, `${name}: ${states}`).toEqual([]);
      expect(watch.versions(name).size, name).toBe(versions);
    }
  });
});
