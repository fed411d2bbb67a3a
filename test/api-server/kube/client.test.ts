import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { authOf, loadKubeConfig } from '../../../src/kube/auth.ts';
import { Client, connect } from '../../../src/kube/client.ts';
import { isAlreadyExists, isConflict, isForbidden, isInvalid, isNotFound } from '../../../src/kube/errors.ts';
import { EventRecorder, type KubeEvent } from '../../../src/kube/events.ts';
import { LeaderElection } from '../../../src/kube/lease.ts';
import type { Lease } from '../../../src/kube/lease-claim.ts';
import { configMaps, deployments, events, leases, namespaces, pods } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

const path = inject('kubeconfig');
const namespace = `client-${randomBytes(4).toString('hex')}`;
const fieldManager = 'test';
let client: Client;

const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  data,
});

beforeAll(async () => {
  client = await connect({ kubeConfigPath: path });
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(() => client.close());

describe('against a real API server', () => {
  it('applies any text as it is, also what YAML would not take', async () => {
    const codes = [...Array(0x100).keys(), 0x2028, 0x2029, 0xfeff, 0xfffd, 0xfffe, 0xffff];
    const text = `${codes.map((code) => String.fromCharCode(code)).join('')}🛩️`;
    const applied = await client.apply(configMaps, configMap('text', { text }), { fieldManager });
    expect(applied.data?.text).toBe(text);
  });

  it('applies, reads and deletes; applying the same again changes nothing', async () => {
    const first = await client.apply(configMaps, configMap('a', { k: 'grün 🛩️' }), { fieldManager });
    const again = await client.apply(configMaps, configMap('a', { k: 'grün 🛩️' }), { fieldManager });
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect((await client.get<ConfigMap>(configMaps, { namespace, name: 'a' })).data).toEqual({ k: 'grün 🛩️' });
    await client.delete(configMaps, { namespace, name: 'a' });
    const gone = client.get(configMaps, { namespace, name: 'a' });
    await expect(gone).rejects.toThrow('NotFound: configmaps "a" not found');
    await expect(gone).rejects.toSatisfy(isNotFound);
  });

  it('leaves nothing behind by a dry run', async () => {
    await client.apply(configMaps, configMap('dry'), { fieldManager, dryRun: true });
    await expect(client.get(configMaps, { namespace, name: 'dry' })).rejects.toSatisfy(isNotFound);
  });

  it('lists in pages', async () => {
    for (let n = 0; n < 5; n++) {
      const object = configMap(`page-${n}`);
      object.metadata.labels = { paged: 'yes' };
      await client.create(configMaps, object);
    }
    const options = { namespace, labelSelector: 'paged=yes', limit: 2 };
    const first = await client.list<ConfigMap>(configMaps, options);
    expect(first.items.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['ConfigMap', 'page-0'],
      ['ConfigMap', 'page-1'],
    ]);
    const second = await client.list<ConfigMap>(configMaps, { ...options, continue: first.metadata.continue });
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(['page-2', 'page-3']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('lists and watches metadata alone', async () => {
    await client.create(configMaps, {
      ...configMap('thin', { k: 'v' }),
      metadata: { namespace, name: 'thin', labels: { thin: 'yes' } },
    });
    const options = { namespace, labelSelector: 'thin=yes', metadataOnly: true };
    const { items, metadata } = await client.list<ConfigMap>(configMaps, options);
    expect(items).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'thin' } }]);
    expect(items[0]).not.toHaveProperty('data');
    await client.mergePatch(configMaps, { namespace, name: 'thin' }, { data: { k: 'w' } });
    for await (const { type, object } of client.watch<ConfigMap>(configMaps, { ...options, ...metadata })) {
      expect(type).toBe('MODIFIED');
      expect(object.metadata.name).toBe('thin');
      expect(object).not.toHaveProperty('data');
      break;
    }
  });

  it('watches from a version on', async () => {
    const { metadata } = await client.list(configMaps, { namespace });
    const made = await client.create(configMaps, configMap('watched'));
    await client.mergePatch(configMaps, { namespace, name: 'watched' }, { data: { k: 'v' } }, { fieldManager });
    await client.delete(configMaps, { namespace, name: 'watched' }, { uid: made.metadata.uid });
    const seen: string[] = [];
    const { resourceVersion } = metadata;
    for await (const { type, object } of client.watch<ConfigMap>(configMaps, { namespace, resourceVersion })) {
      seen.push(`${type} ${object.metadata.name}`);
      if (type === 'DELETED') break;
    }
    expect(seen).toEqual(['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
  });

  it('refuses who comes second', async () => {
    const made = await client.create(configMaps, configMap('contested'));
    await expect(client.create(configMaps, configMap('contested'))).rejects.toSatisfy(isAlreadyExists);
    await client.replace(configMaps, { ...made, data: { by: 'first' } });
    await expect(client.replace(configMaps, { ...made, data: { by: 'second' } })).rejects.toSatisfy(isConflict);
    const { uid } = made.metadata;
    const stale = client.delete(configMaps, { namespace, name: 'contested' }, { uid: `${uid}-other` });
    await expect(stale).rejects.toSatisfy(isConflict);
  });

  it('names the owner of a field in a conflict of applies, and takes the field over by force', async () => {
    await client.apply(configMaps, configMap('owned', { k: 'theirs' }), { fieldManager: 'somebody' });
    const ours = configMap('owned', { k: 'ours' });
    const refused = client.apply(configMaps, ours, { fieldManager });
    await expect(refused).rejects.toSatisfy(isConflict);
    await expect(refused).rejects.toThrow('conflict with "somebody"');
    expect((await client.apply(configMaps, ours, { fieldManager, force: true })).data).toEqual({ k: 'ours' });
  });

  it('says in one line which fields are invalid', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: 'bad' },
      spec: {
        replicas: -1,
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'b' } }, spec: { containers: [{ name: 'app', image: 'x' }] } },
      },
    };
    const refused = client.apply(deployments, deployment, { fieldManager });
    await expect(refused).rejects.toSatisfy(isInvalid);
    await expect(refused).rejects.toThrow(
      /^Invalid: Deployment "bad": spec.replicas: .*; spec.template.metadata.labels: /,
    );
  });

  it('refuses a field that the kind does not have', async () => {
    const misspelt = { ...configMap('misspelt'), dat: {} };
    await expect(client.apply(configMaps, misspelt, { fieldManager })).rejects.toThrow('dat');
  });

  it('says who may not do what', async () => {
    const auth = await authOf(() => loadKubeConfig({ path }));
    const headers = async () => ({ ...(await auth.headers()), 'impersonate-user': 'alice' });
    const alice = new Client({ auth: { ...auth, headers } });
    const refused = alice.list(pods, { namespace });
    await expect(refused).rejects.toSatisfy(isForbidden);
    await expect(refused).rejects.toThrow(/^Forbidden: pods is forbidden: User "alice" cannot list resource "pods"/);
    alice.close();
  });

  it('tells its version', async () => {
    expect((await client.version()).gitVersion).toMatch(/^v1\./);
  });

  it('accepts our Leases: taken, renewed, released', async () => {
    const lead = (identity: string) => {
      const onLost = () => {};
      const election = new LeaderElection({
        client,
        namespace,
        name: 'operator',
        identity,
        onLost,
        retryPeriodMs: 100,
      });
      election.start();
      return election;
    };
    const [a, b] = [lead('a'), lead('b')];
    const first = await Promise.race([a.elected.then(() => a), b.elected.then(() => b)]);
    const other = first === a ? b : a;
    expect(other.isLeader).toBe(false);
    await first.stop();
    await other.elected;
    const { spec } = await client.get<Lease>(leases, { namespace, name: 'operator' });
    expect(spec).toMatchObject({ holderIdentity: other === a ? 'a' : 'b', leaseTransitions: 1 });
    await other.stop();
  });

  it('accepts our Events, and counts them up', async () => {
    const object = await client.create(configMaps, configMap('eventful'));
    let now = Date.now();
    const clock = { now: () => now, monotonic: () => now, after: () => () => {} };
    const recorder = new EventRecorder({ client, controller: 'airfield.dev/operator', instance: 'test', clock });
    const occurrence = { type: 'Warning', reason: 'Testing', message: 'ü'.repeat(2000) } as const;
    recorder.record({ ...object, apiVersion: 'v1', kind: 'ConfigMap' }, occurrence);
    now += 200_000;
    recorder.record({ ...object, apiVersion: 'v1', kind: 'ConfigMap' }, occurrence);
    await recorder.flush();
    const { items } = await client.list<KubeEvent>(events, { namespace });
    expect(items).toMatchObject([{ reason: 'Testing', type: 'Warning', series: { count: 2 } }]);
  });
});
