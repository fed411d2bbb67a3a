import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { restartApiServer } from '../../cluster/embedded/restart.ts';
import { app } from '../apps.ts';
import { Gates } from '../gates.ts';
import { Namespace, patience, until } from '../kubectl.ts';
import { OperatorProcess } from '../operator.ts';
import { Traffic } from '../traffic.ts';

/** Apps that are stopped a second after the last visitor has gone, and visitors who come at random moments. */
const web = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6'];
const mail = ['mail-1', 'mail-2'];
const longestMs = 5000;
/** Machines are started one after the other where there are few CPUs. */
const longestWaitMs = 500_000;

let namespace: Namespace;
let gates: Gates;
let operator: OperatorProcess;
let visitors: Traffic;

const env = () => ({
  AIRFIELD_GATES_NAMESPACE: gates.namespace,
  AIRFIELD_GATES_TOKEN: gates.token,
  AIRFIELD_STOP_AFTER: '1s',
  // As of a container: whoever comes after one that was killed has its Lease.
  AIRFIELD_IDENTITY: namespace.name,
});
const startOperator = () => OperatorProcess.startInside(namespace, { env: env() });

const sleeper = (
  internalPort: number,
  port: number,
  handlers: 'http'[],
): Partial<AppSpecInput> & { image: string } => ({
  image: 'airfield.local/echo:1',
  count: 2,
  services: [{ internalPort, autoStop: 'stop', ports: [{ port, handlers }] }],
});

beforeAll(async () => {
  namespace = await Namespace.create('to-zero');
  gates = await Gates.start({ env: { AIRFIELD_GATE_NAMESPACE: namespace.name } });
  operator = await startOperator();
  await namespace.apply(
    ...web.map((name) => app(name, sleeper(8080, 80, ['http']))),
    ...mail.map((name) => app(name, sleeper(2525, 25, []))),
  );
  await Promise.all([...web, ...mail].map((name) => namespace.waitReady(name)));
  const urls = [...web.map((name) => `http://${name}/`), ...mail.map((name) => `tcp://${name}:25`)];
  visitors = await Traffic.visitors(namespace, urls, longestMs);
});
afterAll(async () => {
  await Promise.all([namespace?.delete(), gates?.stop()]);
  await operator?.stop();
});

interface Deployment {
  metadata: { generation: number };
  spec: { replicas: number };
}

const deployments = () => namespace.list<Deployment>('deployments', `airfield.dev/app in (${[...web, ...mail]})`);

/** How often machines have been started since the beginning: each start and each stop is a change of a Deployment. */
const starts = async () => (await deployments()).reduce((sum, { metadata }) => sum + metadata.generation, 0) / 2;

/** Waits until machines have been started so often, and gives back what became of the visits meanwhile. */
async function visitsDuring(times: number, disturb: () => Promise<unknown> = async () => {}) {
  await visitors.take();
  const before = await starts();
  await disturb();
  await until(`${times} starts`, async () => (await starts()) >= before + times, longestWaitMs, 1000);
  return visitors.take();
}

describe('visitors of Apps that go to zero and back', { timeout: longestWaitMs + 60_000 }, () => {
  it('are all answered, 100 times', async () => {
    const { sent, ok, failures } = await visitsDuring(100);
    expect(failures).toEqual([]);
    expect(ok).toBe(sent);
  });

  it('are all answered while the process of a gate is killed', async () => {
    const [first] = await gates.pods();
    if (!first) throw new Error('there is no gate');
    const kill = async () => {
      await gates.kill(first);
      await gates.isBack(first);
    };
    const { failures } = await visitsDuring(15, kill);
    expect(failures).toEqual([]);
  });

  it('are all answered again as soon as Kubernetes has started a HAProxy that was killed', async () => {
    const [first] = await gates.pods();
    if (!first) throw new Error('there is no gate');
    let backAt = '';
    const { failures } = await visitsDuring(5, async () => {
      await gates.kill(first, 'SIGKILL', 'haproxy');
      await gates.isBack(first);
      backAt = new Date().toISOString();
    });
    // What it had under way has ended with it, as has who came to it before Kubernetes knew.
    expect(failures.filter(({ sentAt }) => sentAt > backAt)).toEqual([]);
  });

  it('are all answered while no operator runs, which stops nobody then', async () => {
    const asleep = async () => (await deployments()).filter(({ spec }) => spec.replicas === 0).length;
    await until('an App to sleep', async () => (await asleep()) > 0, patience, 20);
    await visitors.take();
    await operator.kill('SIGKILL');
    await until('all to be awake', async () => (await asleep()) === 0, longestWaitMs, 500);
    expect((await visitors.take()).failures).toEqual([]);
    operator = await startOperator();
    expect((await visitsDuring(5)).failures).toEqual([]);
  });

  it.runIf(inject('provider') === 'embedded')(
    'are all answered while the API server is killed and comes back',
    async () => {
      const { failures } = await visitsDuring(15, () => restartApiServer(inject('cluster')));
      expect(failures).toEqual([]);
    },
  );
});
