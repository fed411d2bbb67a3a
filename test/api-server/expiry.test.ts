import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { AppStatus } from '../../src/api/app-status.ts';
import { apiVersion } from '../../src/api/meta.ts';
import { expiryReconciler } from '../../src/controller/expiry.ts';
import { apps } from '../../src/controller/resources.ts';
import { type Client, connect, type DeleteOptions } from '../../src/kube/client.ts';
import { errorOfStatus, isNotFound } from '../../src/kube/errors.ts';
import type { KubeEvent, Occurrence } from '../../src/kube/events.ts';
import { events, namespaces } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { until } from '../cluster/exec.ts';
import { OperatorProcess } from '../e2e/operator.ts';
import { serveOwnKinds } from './own-kinds.ts';

type StoredApp = KubeObject & { spec: object; status?: AppStatus };

const namespace = `expiry-${randomBytes(4).toString('hex')}`;
const minute = 60_000;
let client: Client;
let operator: OperatorProcess | undefined;

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
  await serveOwnKinds(client);
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(async () => {
  await operator?.stop();
  client?.close();
});

const ref = (name: string) => ({ namespace, name });
const read = (name: string) => client.get<StoredApp>(apps, ref(name));
const isGone = (name: string) => read(name).then(() => false, isNotFound);

function apply(name: string, spec: object): Promise<StoredApp> {
  const object = { apiVersion, kind: 'App', metadata: ref(name), spec: { image: 'x:1', ...spec } };
  return client.apply(apps, object as StoredApp, { fieldManager: 'test', force: true });
}

const report = (name: string, status: Partial<AppStatus>) =>
  client.mergePatch<StoredApp>(apps, ref(name), { status }, { subresource: 'status' });

describe('when the time of an App comes', () => {
  const end = Date.parse('2026-03-04T12:00:00Z');
  let stored: StoredApp;
  let soon: string[];
  let said: string[];
  let deletions: DeleteOptions[];

  beforeEach(async () => {
    await apply('preview', { expiresAfter: '72h' });
    const expiresAt = new Date(end).toISOString();
    stored = await report('preview', { observedGeneration: 1, expiresAt });
    [soon, said, deletions] = [[], [], []];
    return async () => void (await client.delete(apps, ref('preview')).catch(() => {}));
  });

  /** One look at the App as the operator has it in its cache, so long before its end. */
  function look(beforeMs: number, refuse?: Error) {
    const reconcile = expiryReconciler({
      client: {
        delete: (resource, of, options) => {
          deletions.push(options ?? {});
          return refuse ? Promise.reject(refuse) : client.delete(resource, of, options);
        },
      },
      apps: { get: () => stored },
      events: { record: (_: KubeObject, { type, message }: Occurrence) => void said.push(`${type}: ${message}`) },
      onSoon: (key) => void soon.push(key),
      now: () => new Date(end - beforeMs),
    });
    return reconcile(`${namespace}/preview`, { signal: new AbortController().signal });
  }

  it('it is looked at an hour before, warned, and deleted at its end, with all that it has', async () => {
    expect(await look(100 * minute)).toEqual({ requeueAfterMs: 40 * minute });
    expect(soon).toEqual([]);
    expect(await look(60 * minute)).toEqual({ requeueAfterMs: 60 * minute });
    expect(soon).toEqual([`${namespace}/preview`]);
    expect(await isGone('preview')).toBe(false);
    expect(await look(0)).toBeUndefined();
    expect(await isGone('preview')).toBe(true);
    expect(deletions).toEqual([expect.objectContaining({ propagationPolicy: 'Background', uid: stored.metadata.uid })]);
    expect(await look(0)).toBeUndefined();
  });

  it('it stays where it was changed a moment before, though the operator has not seen it', async () => {
    await apply('preview', { expiresAfter: '72h', env: { PUSHED: 'again' } });
    await expect(look(0)).rejects.toThrow('Conflict');
    expect(await isGone('preview')).toBe(false);
  });

  it('it stays until the operator has said anew when a changed one ends', async () => {
    stored = await apply('preview', { expiresAfter: '72h', env: { PUSHED: 'again' } });
    expect(await look(0)).toBeUndefined();
    expect(deletions).toEqual([]);
  });

  it('it stays where it has no end any more', async () => {
    await apply('preview', {});
    stored = await report('preview', { observedGeneration: 2 });
    expect(await look(0)).toBeUndefined();
    expect(deletions).toEqual([]);
  });

  it('it says so where it may not be deleted, and tries again', async () => {
    const refused = errorOfStatus({ message: 'not on a Sunday', reason: 'Forbidden' }, 403);
    expect(await look(0, refused)).toEqual({ requeueAfterMs: 10 * minute });
    expect(said).toEqual([
      expect.stringMatching(/^Warning: the time of the App is over, but it cannot be deleted: .*not on a Sunday/),
    ]);
  });
});

describe('an operator', () => {
  const start = async () => {
    const env = { AIRFIELD_NAMESPACE: namespace, AIRFIELD_LEASE_NAMESPACE: namespace };
    operator = await OperatorProcess.start({ kubeconfig: inject('kubeconfig'), env });
  };
  const told = async (name: string, generation: number) => {
    const isNew = async () => (await read(name)).status?.observedGeneration === generation;
    await until(`when ${name} ends`, isNew);
    return (await read(name)).status!;
  };
  const warnings = async () => {
    const { items } = await client.list<KubeEvent & { type: string }>(events, { namespace });
    return items.filter(({ reason, type }) => reason === 'ExpiresSoon' && type === 'Warning');
  };

  it('warns once, though it is started again, and gives a changed App its time anew', async () => {
    await start();
    const { metadata } = await apply('short', { expiresAfter: '30m' });
    const first = await told('short', 1);
    const created = Date.parse(metadata.creationTimestamp ?? '');
    expect(first.expiresAt).toBe(new Date(created + 30 * minute).toISOString().replace('.000', ''));
    expect(first.conditions?.map(({ type }) => type)).toContain('Expiring');
    await until('the warning', async () => (await warnings()).length === 1);
    await operator?.stop();
    await start();
    await apply('other', { expiresAfter: '72h' });
    expect((await told('other', 1)).conditions?.map(({ type }) => type)).not.toContain('Expiring');
    expect((await told('short', 1)).expiresAt).toBe(first.expiresAt);
    expect(await warnings()).toHaveLength(1);
    await apply('short', { expiresAfter: '72h' });
    const later = await told('short', 2);
    expect(later.conditions?.map(({ type }) => type)).not.toContain('Expiring');
    expect(Date.parse(later.expiresAt ?? '')).toBeGreaterThan(created + 71 * 60 * minute);
  });

  it('deletes an App whose time is over, stalled or not, and leaves the others', async () => {
    const status = { observedGeneration: 1, expiresAt: '2020-01-01T00:00:00Z' };
    await apply('stalled', { expiresAfter: '72h', deploy: { rollbackTo: 7 } });
    const stalled = await told('stalled', 1);
    expect(stalled.conditions?.map(({ type }) => type)).toContain('Stalled');
    await report('stalled', status);
    await until('the stalled one to be gone', () => isGone('stalled'));
    await apply('forever', {});
    await told('forever', 1);
    await report('forever', status);
    await apply('old', { expiresAfter: '72h' });
    await told('old', 1);
    await report('old', status);
    await until('the old one to be gone', () => isGone('old'));
    expect(await isGone('forever')).toBe(false);
    expect(await isGone('other')).toBe(false);
  });
});

describe('the API server', () => {
  const verdict = (spec: object) =>
    apply(`refused-${randomBytes(3).toString('hex')}`, spec).then(
      () => 'accepted',
      (error: Error) => error.message,
    );

  it.each([
    [{ expiresAfter: '72h' }, /^accepted$/],
    [{ expiresAfter: '72h', deletionProtection: false }, /^accepted$/],
    [
      { expiresAfter: '72h', deletionProtection: true },
      /spec\.expiresAfter: .*an App with deletionProtection is never deleted by itself: remove expiresAfter or deletionProtection/,
    ],
    [{ expiresAfter: '3d' }, /spec\.expiresAfter/],
    [{ expiresAfter: '10s' }, /expiresAfter may be from `1m` to `8760h`, a year/],
    [{ expiresAfter: '8761h' }, /expiresAfter may be from `1m` to `8760h`, a year/],
  ])('says of %o: %s', async (spec, wanted) => {
    expect(await verdict(spec)).toMatch(wanted);
  });
});
