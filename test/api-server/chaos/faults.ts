import { setTimeout as sleep } from 'node:timers/promises';
import { isNotFound } from '../../../src/kube/errors.ts';
import * as kinds from '../../../src/kube/resources.ts';
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
    await world.startOperator(await world.skewed(3_600_000));
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
