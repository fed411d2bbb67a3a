import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../src/kube/client.ts';
import { isNotFound } from '../../../src/kube/errors.ts';
import * as kinds from '../../../src/kube/resources.ts';
import type { ApiServer } from '../../cluster/api-server.ts';
import { until } from '../../cluster/exec.ts';
import { serveOwnKinds } from '../own-kinds.ts';
import type { Trouble } from './faulty-proxy.ts';
import type { ChaosWorld } from './world.ts';

/** Something goes wrong while people go on; when it resolves, it is over. */
export type Fault = (world: ChaosWorld, random: () => number) => Promise<void>;

/** Long enough for people to write something meanwhile. */
const lastingMs = 4000;

const with_ =
  (trouble: Trouble, ms = lastingMs): Fault =>
  async ({ proxy }) => {
    proxy.trouble = trouble;
    await sleep(ms);
    proxy.trouble = {};
  };

const signal = (pid: number, name: 'SIGSTOP' | 'SIGCONT') => process.kill(pid, name);
const daemon = ({ server }: ChaosWorld, name: string) => server.daemons.find((one) => one.name === name)?.pid ?? 0;

const frozen =
  (pidOf: (world: ChaosWorld) => number, ms: number): Fault =>
  async (world) => {
    const pid = pidOf(world);
    signal(pid, 'SIGSTOP');
    await sleep(ms);
    signal(pid, 'SIGCONT');
  };

const hourAhead = `
  const now = Date.now;
  Date.now = () => now() + 3_600_000;
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...args) {
      args.length > 0 ? super(...args) : super(Date.now());
    }
  };`;

/** From a moment on more and more is kept, until V8 ends the process. */
const greedyAfter = (ms: number) => `
  const kept = [];
  const take = () => setInterval(() => kept.push(new Array(4e6).fill(0).map(Math.random)), 1);
  setTimeout(take, ${ms}).unref();`;

/** Many enough for several pages of a list. */
async function writeManySecrets(client: Client): Promise<void> {
  const namespace = 'many';
  if (await client.get(kinds.namespaces, { name: namespace }).catch(() => undefined)) return;
  await client.create(kinds.namespaces, { metadata: { name: namespace } });
  const numbers = Array.from({ length: 1600 }, (_, number) => number);
  for (let done = 0; done < numbers.length; done += 50) {
    const some = numbers.slice(done, done + 50);
    await Promise.all(
      some.map((number) => client.create(kinds.secrets, { metadata: { name: `${number}`, namespace } })),
    );
  }
}

/** etcd keeps nothing of before, https://etcd.io/docs/v3.6/op-guide/maintenance/#history-compaction-v3-api-key-value-database */
async function compact({ etcd }: ApiServer): Promise<void> {
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${etcd}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await answer.json()) as { header?: { revision: string } };
  };
  const { header } = await ask('range', { key: 'AA==' });
  await ask('compaction', { revision: header?.revision, physical: true });
}

export const faults: Readonly<Record<string, Fault>> = {
  'the operator is killed, three times': async (world, random) => {
    for (let time = 0; time < 3; time++) {
      await sleep(random() * 1500);
      await world.operator.kill('SIGKILL');
      await world.startOperator();
    }
  },
  'the operator is restarted': async (world) => {
    await world.operator.stop();
    await world.startOperator();
  },
  'the operator stands still for longer than its lease': frozen(({ operator }) => operator.pid, 17_000),
  'the operator runs out of memory': async (world, random) => {
    await world.operator.stop();
    const { NODE_OPTIONS } = await world.preloaded(greedyAfter(random() * 2000 + 1000));
    await world.startOperator({ NODE_OPTIONS: `${NODE_OPTIONS} --max-old-space-size=200` });
    await world.operator.ended;
    await world.startOperator();
  },
  'etcd forgets its history while everything is listed': async (world) => {
    await writeManySecrets(world.client);
    await world.operator.stop();
    world.proxy.trouble = { delayMs: 500 };
    const starts = world.startOperator();
    const forgets = setInterval(() => void compact(world.server).catch(() => {}), 100);
    await starts.finally(() => clearInterval(forgets));
    world.proxy.trouble = {};
  },
  'etcd and the API server forget their history while nobody answers': async (world) => {
    world.proxy.trouble = { isDown: true };
    await sleep(lastingMs / 2);
    await compact(world.server);
    await world.server.restart();
    await compact(world.server);
    world.proxy.trouble = {};
  },
  'the API server is killed': ({ server }) => server.restart(),
  'the API server stands still': frozen((world) => daemon(world, 'kube-apiserver'), 8000),
  'etcd is slow': async (world) => {
    for (let time = 0; time < 15; time++) {
      await frozen((one) => daemon(one, 'etcd'), 200)(world, Math.random);
      await sleep(100);
    }
  },
  'every third write is in conflict': with_({ conflictEvery: 3 }),
  'half of all requests are told to come again': with_({ busyPercent: 50 }, 8000),
  'every request takes its time': with_({ delayMs: 300 }),
  'nobody answers': with_({ isDown: true }),
  'watches are silent': with_({ isSilent: true }),
  'watches repeat themselves': with_({ isRepeating: true }),
  'watches end in the middle of a line': async ({ proxy }) => {
    for (let time = 0; time < 5; time++) {
      proxy.cutWatches();
      await sleep(500);
    }
  },
  'the clock of the operator is an hour ahead': async (world) => {
    await world.operator.stop();
    await world.startOperator(await world.preloaded(hourAhead));
    await sleep(lastingMs);
    await world.operator.stop();
    await world.startOperator();
  },
  'the CRDs are applied again': async ({ client }) => {
    await serveOwnKinds(client);
    await sleep(lastingMs / 4);
  },
  'children are deleted': async ({ client, namespace }) => {
    for (const kind of [kinds.deployments, kinds.services, kinds.networkPolicies]) {
      const { items } = await client.list<{ metadata: { name: string; namespace: string } }>(kind, { namespace });
      for (const { metadata } of items) await client.delete(kind, metadata);
    }
  },
  'another namespace is deleted while its Apps are made': async (world, random) => {
    const name = `passing-${Math.floor(random() * 1e6)}`;
    await world.client.create(kinds.namespaces, { metadata: { name } });
    await world.writeAll(name);
    await world.client.delete(kinds.namespaces, { name });
    await until(
      'the namespace to go',
      () => world.client.get(kinds.namespaces, { name }).then(() => false, isNotFound),
      120_000,
    );
  },
};

/** Those through which one and the same operator goes on. */
export const staying: readonly string[] = Object.keys(faults).filter(
  (name) => !/^the operator |^the clock of the operator|while everything is listed$/.test(name),
);
