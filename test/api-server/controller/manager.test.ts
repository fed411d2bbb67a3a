import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Controller, type Reconcile } from '../../../src/controller/controller.ts';
import { Manager, type ManagerOptions } from '../../../src/controller/manager.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { Informer } from '../../../src/kube/informer.ts';
import type { Lease } from '../../../src/kube/lease-claim.ts';
import { silent } from '../../../src/kube/log.ts';
import { configMaps, leases, namespaces } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { createMetrics } from '../../../src/metrics.ts';
import { until } from '../../kube/time.ts';

const namespace = `manager-${randomBytes(4).toString('hex')}`;
const name = 'operator';
let client: Client;
let running: Manager[];
/** Keys of which the work has begun, and has ended. */
let begun: string[];
let ended: string[];
/** Work goes on only when this is resolved, or its time is over. */
let gate: PromiseWithResolvers<void>;

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
beforeEach(() => {
  running = [];
  begun = [];
  ended = [];
  gate = Promise.withResolvers();
});
afterEach(async () => {
  gate.resolve();
  await Promise.all(running.map((manager) => manager.stop()));
  await client.delete(leases, { namespace, name }).catch(() => {});
});
afterAll(() => client?.close());

const reconcile: Reconcile = async (key, { signal }) => {
  begun.push(key);
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => aborted.resolve());
  await Promise.race([gate.promise, aborted.promise]);
  ended.push(signal.aborted ? `${key} cut off` : key);
  return undefined;
};

/** An operator that looks at ConfigMaps, and works on those that are named `work`. */
function setUp(identity: string, more: Partial<ManagerOptions> = {}) {
  const metrics = createMetrics();
  const informer = new Informer<KubeObject>({ client, resource: configMaps, namespace });
  const controller = new Controller({ name: 'app', reconcile, workers: 1, metrics, log: silent });
  controller.enqueue('work/1');
  controller.enqueue('work/2');
  const onLost = vi.fn();
  const manager = new Manager({
    client,
    informers: [informer],
    controllers: [controller],
    metrics,
    log: silent,
    host: '127.0.0.1',
    port: 0,
    lease: { namespace, name, identity },
    onLost,
    ...more,
  });
  running.push(manager);
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${manager.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return { manager, informer, onLost, get };
}

const holder = async () => (await client.get<Lease>(leases, { namespace, name })).spec?.holderIdentity;
const leads = async (get: (path: string) => Promise<{ text: string }>) =>
  (await get('/metrics')).text.includes(`leader_election_master_status{name="${name}"} 1`);

describe('an operator that starts', () => {
  it('works as soon as it sees the cluster and leads', async () => {
    const { manager, get } = setUp('one');
    await manager.start();
    await until('the work begins', () => begun.length > 0);
    expect(await holder()).toBe('one');
    expect(await get('/readyz')).toMatchObject({ status: 200 });
    expect(await leads(get)).toBe(true);
  });

  it('is ready while another leads, does not work, and takes over when that one lets the lead go', async () => {
    const first = setUp('one');
    await first.manager.start();
    await until('the first works', () => begun.length === 1);
    const second = setUp('two');
    await second.manager.start();
    expect(await second.get('/readyz')).toMatchObject({ status: 200 });
    expect(await leads(second.get)).toBe(false);
    expect(begun).toEqual(['work/1']);
    gate.resolve();
    await until('the first has done its work', () => ended.length === 2);
    await first.manager.stop();
    await until('the second works', () => begun.length === 4);
    expect(await holder()).toBe('two');
  });

  it('is alive but not ready as long as it does not see the cluster, and says so', async () => {
    const never: Pick<Client, 'list' | 'watch'> = {
      list: (_, { signal } = {}) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      watch: () => client.watch(configMaps, { namespace }),
    };
    const informer = new Informer<KubeObject>({ client: never, resource: configMaps });
    const { manager, get } = setUp('one', { informers: [informer] });
    const started = manager.start().catch(() => 'stopped');
    await until('it listens', () => manager.port > 0);
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: 'the first look at the cluster is not complete\n',
    });
    await manager.stop();
    expect(await started).toBe('stopped');
  });

  it('does not touch the cluster where its port is taken', async () => {
    const first = setUp('one');
    await first.manager.start();
    const { manager, informer } = setUp('two', { port: first.manager.port });
    const start = vi.spyOn(informer, 'start');
    await expect(manager.start()).rejects.toThrow(`port ${first.manager.port} is taken`);
    expect(start).not.toHaveBeenCalled();
  });
});

it('is not ready when nothing has been heard of a kind for too long, and names it', async () => {
  const informer = new Informer<KubeObject>({ client, resource: configMaps, namespace });
  const { manager, get } = setUp('one', { informers: [informer] });
  await manager.start();
  vi.spyOn(informer, 'isStale').mockReturnValue(true);
  expect(await get('/readyz')).toEqual({ status: 503, text: 'nothing heard of configmaps for too long\n' });
});

describe('an operator that stops', () => {
  it('ends what it has begun, begins nothing more, and only then lets the lead go', async () => {
    const { manager, get } = setUp('one');
    await manager.start();
    await until('the work begins', () => begun.length === 1);
    const stopped = manager.stop();
    expect(await holder()).toBe('one');
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    gate.resolve();
    await stopped;
    expect(ended).toEqual(['work/1']);
    expect(begun).toEqual(['work/1']);
    expect(await holder()).toBeUndefined();
    await expect(get('/healthz')).rejects.toThrow();
  });

  it('cuts off what does not end in time', async () => {
    const { manager } = setUp('one', { drainMs: 10 });
    await manager.start();
    await until('the work begins', () => begun.length === 1);
    await manager.stop();
    expect(ended).toEqual(['work/1 cut off']);
    expect(await holder()).toBeUndefined();
  });

  it('may do so before it has ever led', async () => {
    const { manager } = setUp('one');
    await manager.stop();
    expect(begun).toEqual([]);
  });
});

it('an operator that loses the lead cuts its work off at once, begins nothing more, and says so', async () => {
  const { manager, onLost, get } = setUp('one');
  await manager.start();
  await until('the work begins', () => begun.length === 1);
  const lease = await client.get<Lease>(leases, { namespace, name });
  await client.mergePatch(leases, { namespace, name }, { spec: { ...lease.spec, holderIdentity: 'other' } });
  await until('it knows', () => onLost.mock.calls.length === 1);
  await until('the work is cut off', () => ended.length === 1);
  expect(ended).toEqual(['work/1 cut off']);
  expect(begun).toEqual(['work/1']);
  expect(await leads(get)).toBe(false);
  await manager.stop();
  expect(await holder()).toBe('other');
});
