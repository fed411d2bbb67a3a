import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { Children } from '../../../src/controller/apply.ts';
import { Controller } from '../../../src/controller/controller.ts';
import { secrets as ownSecrets } from '../../../src/controller/resources.ts';
import { type DataObject, SealingKeys } from '../../../src/controller/sealing-keys.ts';
import { sealingKeysReconciler, wakeSealingKeys } from '../../../src/controller/sealing-keys-reconciler.ts';
import { TerminalError } from '../../../src/controller/terminal-error.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { silent } from '../../../src/kube/log.ts';
import { configMaps, namespaces, secrets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { createMetrics } from '../../../src/metrics.ts';
import { open, seal } from '../../../src/sealing/box.ts';
import { type KeyRing, withNewKey } from '../../../src/sealing/key-ring.ts';
import { dataOfKeyRing, keyRingOfData } from '../../../src/sealing/key-ring-data.ts';
import { keyRingSecretName, publicKeyConfigMapName } from '../../../src/sealing/published-key.ts';
import { until } from '../../cluster/exec.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const now = new Date('2026-01-02T03:04:05Z');
const place = { namespace: 'acme', name: 'hello', key: 'A' };
let client: Client;
let namespace: string;
let running: (() => Promise<void>)[];

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
  await serveOwnKinds(client);
});
beforeEach(async () => {
  running = [];
  namespace = `sealing-${randomBytes(4).toString('hex')}`;
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterEach(async () => {
  await Promise.all(running.map((stop) => stop()));
});
afterAll(() => client?.close());

const ringRef = () => ({ namespace, name: keyRingSecretName });
const publicRef = () => ({ namespace, name: publicKeyConfigMapName });
const storedRing = async () => keyRingOfData((await client.get<DataObject>(secrets, ringRef())).data);
const published = () =>
  client.get<DataObject>(configMaps, publicRef()).then(
    ({ data }) => data?.publicKey,
    () => undefined,
  );
const write = (ring: KeyRing) => client.mergePatch(secrets, ringRef(), { data: dataOfKeyRing(ring) });

/** As much of an operator that leads as has to do with sealing keys. */
async function operator() {
  const keys = new SealingKeys({ client, namespace, log: silent });
  const ownInformer = new Informer<KubeObject>({ client, namespace, resource: ownSecrets });
  const controller = new Controller({
    name: 'sealing-keys',
    reconcile: sealingKeysReconciler({ client, children: new Children({ client }), keys, now: () => now }),
    workers: 1,
    metrics: createMetrics(),
    log: silent,
  });
  const woken: string[] = [];
  const secret = { enqueue: (key: string) => void woken.push(key) };
  wakeSealingKeys(keys, { secrets: ownInformer }, { sealingKeys: controller, secret });
  const informers = [...keys.informers, ownInformer];
  for (const informer of informers) informer.start();
  await Promise.all(informers.map(({ synced }) => synced));
  running.push(async () => {
    await controller.drain();
    await Promise.all(informers.map((informer) => informer.stop()));
  });
  return { keys, woken, lead: () => controller.start() };
}

/** Waits until an operator has the keys that are stored, and they are published. */
async function settled({ keys }: { keys: SealingKeys }): Promise<KeyRing> {
  const stored = await until('the keys', async () => {
    const ring = await storedRing();
    if ((await published()) !== ring.keys[0]?.publicKey) return undefined;
    return JSON.stringify(await keys.ring()) === JSON.stringify(ring) && ring;
  });
  return stored as KeyRing;
}

describe('the sealing keys', () => {
  it('are made by the operator that leads, once, and the public half is published', async () => {
    const { keys, lead } = await operator();
    expect(await keys.ring()).toBeUndefined();
    lead();
    const ring = await settled({ keys });
    expect(ring.keys.map(({ createdAt }) => createdAt)).toEqual(['2026-01-02T03:04:05Z']);
    const armour = await seal('hunter2', place, (await published())!);
    expect((await open(armour, place, ring)).value).toBe('hunter2');
    const text = JSON.stringify(await client.get(configMaps, publicRef()));
    expect(text).not.toMatch(/AGE-SECRET-KEY/);
    expect(text).not.toContain(ring.digestKey);
  });

  it('are the same for several operators that lead at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, operator));
    for (const { lead } of all) lead();
    const rings = await Promise.all(all.map(settled));
    expect(new Set(rings.map(({ digestKey }) => digestKey)).size).toBe(1);
    expect(rings[0]!.keys).toHaveLength(1);
  });

  it('are the same after a restart, which writes nothing', async () => {
    const first = await operator();
    first.lead();
    const ring = await settled(first);
    const versions = async () =>
      [await client.get<KubeObject>(secrets, ringRef()), await client.get<KubeObject>(configMaps, publicRef())].map(
        ({ metadata }) => metadata.resourceVersion,
      );
    const before = await versions();
    const second = await operator();
    second.lead();
    expect(await settled(second)).toEqual(ring);
    expect(await versions()).toEqual(before);
  });

  it('are followed by what is published, and all Secrets are looked at again, when one is added', async () => {
    const metadata = { name: 'hello', namespace };
    const spec = { data: { A: { value: 'x' } } };
    await client.create(ownSecrets, {
      apiVersion: 'airfield.dev/v1alpha1',
      kind: 'Secret',
      metadata,
      spec,
    } as KubeObject);
    const leader = await operator();
    leader.lead();
    const ring = await settled(leader);
    const armour = await seal('hunter2', place, ring.keys[0]!.publicKey);
    leader.woken.length = 0;
    const newer = await withNewKey(ring, now);
    await write(newer);
    expect(await settled(leader)).toEqual(newer);
    expect(await published()).toBe(newer.keys[0]!.publicKey);
    expect(leader.woken).toContain(`${namespace}/hello`);
    expect((await open(armour, place, (await leader.keys.ring())!)).value).toBe('hunter2');
  });

  it('are put back as they were where somebody deletes them, and what is published too', async () => {
    const leader = await operator();
    leader.lead();
    const ring = await settled(leader);
    await client.delete(configMaps, publicRef());
    await settled(leader);
    await client.delete(secrets, ringRef());
    await until('the keys again', () =>
      storedRing().then(
        () => true,
        () => false,
      ),
    );
    expect(await settled(leader)).toEqual(ring);
  });

  it('are corrected where somebody edits what is published', async () => {
    const leader = await operator();
    leader.lead();
    const ring = await settled(leader);
    await client.mergePatch(configMaps, publicRef(), { data: { publicKey: 'age1mine' } });
    await until('the key', async () => (await published()) === ring.keys[0]!.publicKey);
  });
});

describe('sealing keys that cannot be used', () => {
  const problem = async (keys: SealingKeys): Promise<TerminalError> => {
    const error = await until('the problem', () =>
      keys.ring().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    expect(error).toBeInstanceOf(TerminalError);
    return error as TerminalError;
  };

  it('are told, never overwritten, and used again when they are mended', async () => {
    const leader = await operator();
    leader.lead();
    const ring = await settled(leader);
    await client.mergePatch(secrets, ringRef(), { data: { 'digest-key': null } });
    const error = await problem(leader.keys);
    expect(error.reason).toBe('SealingKeyUnreadable');
    expect(error.message).toBe(
      `core Secret ${namespace}/airfield-sealing-keys cannot be used: its entry digest-key is missing; put it back from a backup`,
    );
    const restarted = await operator();
    restarted.lead();
    expect((await problem(restarted.keys)).reason).toBe('SealingKeyUnreadable');
    await write(ring);
    expect(await settled(leader)).toEqual(ring);
    expect(await settled(restarted)).toEqual(ring);
  });

  it('are not made anew where they were lost, until somebody says so', async () => {
    const first = await operator();
    first.lead();
    const ring = await settled(first);
    await running.pop()!();
    await client.delete(secrets, ringRef());
    const { keys, lead } = await operator();
    lead();
    const error = await problem(keys);
    expect(error.message).toMatch(
      /^core Secret .* is gone, .*put it back from a backup; or, to begin anew .* delete ConfigMap /,
    );
    await expect(storedRing()).rejects.toThrow('NotFound');
    await client.delete(configMaps, publicRef());
    expect((await settled({ keys })).digestKey).not.toBe(ring.digestKey);
  });
});
