import { beforeEach, describe, expect, it } from 'vitest';
import type { ObservedClaim, ObservedPod } from '../../src/api/kubernetes.ts';
import type { StoredObject } from '../../src/controller/caches.ts';
import { volumeUsageReconciler } from '../../src/controller/volume-usage.ts';
import { claimName } from '../../src/desired/machine-workload.ts';
import { errorOfStatus } from '../../src/kube/errors.ts';
import type { Occurrence } from '../../src/kube/events.ts';
import { Store } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { aClaim } from '../desired/volumes-fixture.ts';
import { ManualClock } from '../kube/time.ts';

const Gi = 2 ** 30;
const node = 'node-1';
const minute = 60_000;
const { signal } = new AbortController();

let clock: ManualClock;
let apps: Store<StoredObject>;
let machines: Store<StoredObject>;
let claims: Store<ObservedClaim & KubeObject>;
let pods: Store<ObservedPod & KubeObject>;
let events: Occurrence[];
let questions: string[];
let sizes: string[];
let disk: { used: number; capacity: number };
/** The claim that the kubelet tells of. */
let claimed: string;
let refuse: { question?: Error; growth?: Error };
let look: () => Promise<unknown>;

beforeEach(() => {
  clock = new ManualClock();
  apps = new Store();
  machines = new Store();
  claims = new Store();
  pods = new Store({ indexes: { node: ({ spec }) => [spec?.nodeName ?? ''] } });
  [events, questions, sizes, refuse] = [[], [], [], {}];
  claimed = 'data-hello-app-0';
  disk = { used: 0.9 * Gi, capacity: Gi };
  const client = {
    get: async (_: unknown, { name }: { name: string }, { subresource }: { subresource?: string } = {}) => {
      questions.push(`${name}/${subresource}`);
      if (refuse.question) throw refuse.question;
      return summary() as never;
    },
    mergePatch: async (_: unknown, { name }: { name: string }, patch: object) => {
      if (refuse.growth) throw refuse.growth;
      const { storage } = (patch as ReturnType<typeof request>).spec.resources.requests;
      sizes.push(`${name} ${storage}`);
      return patch as never;
    },
  };
  const record = (_: KubeObject, occurrence: Occurrence) => void events.push(occurrence);
  const reconcile = volumeUsageReconciler({ client, apps, machines, claims, pods, events: { record }, clock });
  look = () => reconcile(node, { signal });
  apps.set(anApp({ threshold: 80, increment: '1Gi' }));
  pods.set(aPod());
  claims.set(claim('1Gi'));
});

const request = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
const claim = (size: string, provided = size) =>
  ({ ...aClaim(size), status: { phase: 'Bound', capacity: { storage: provided } } }) as ObservedClaim & KubeObject;

function anApp(autoExtend?: object): StoredObject {
  const mounts = [{ name: 'data', destination: '/data', ...(autoExtend && { autoExtend }) }];
  const metadata = { name: 'hello', namespace: 'acme' };
  return { apiVersion: 'airfield.dev/v1alpha1', kind: 'App', metadata, spec: { image: 'a:1', mounts } };
}

function aPod(): ObservedPod & KubeObject {
  const metadata = { name: 'hello-app-0', namespace: 'acme', labels: { 'airfield.dev/app': 'hello' } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: node, containers: [] } };
}

/** As a kubelet answers, with volumes of others. */
function summary() {
  const pvcRef = { name: claimed, namespace: 'acme' };
  const volume = [
    { name: 'data', time: '2026-01-02T03:04:05Z', usedBytes: disk.used, capacityBytes: disk.capacity, pvcRef },
    { name: 'tmp', usedBytes: 5 },
  ];
  return {
    node: { nodeName: node },
    pods: [{ podRef: { name: 'hello-app-0' }, volume }, { podRef: { name: 'other' } }],
  };
}

describe('a volume with autoExtend', () => {
  it('grows when it is full, and the App is told', async () => {
    expect(await look()).toEqual({ requeueAfterMs: minute });
    expect(questions).toEqual(['node-1/proxy/stats/summary']);
    expect(sizes).toEqual(['data-hello-app-0 2Gi']);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'Normal',
        reason: 'VolumeExtended',
        message: 'volume data-hello-app-0 is 90% full and grows from 1Gi to 2Gi',
      }),
    ]);
  });

  it('grows once, however long the kubelet goes on telling what was before', async () => {
    await look();
    for (const provided of ['1Gi', '2Gi', '2Gi']) {
      claims.set(claim('2Gi', provided));
      clock.leap(minute);
      await look();
    }
    expect(sizes).toEqual(['data-hello-app-0 2Gi']);
    disk = { used: 1.9 * Gi, capacity: 2 * Gi };
    clock.leap(minute);
    await look();
    expect(sizes).toEqual(['data-hello-app-0 2Gi', 'data-hello-app-0 3Gi']);
  });

  it('is not extended where nobody can tell how full it is', async () => {
    disk = { used: 90 * Gi, capacity: 100 * Gi };
    await look();
    expect(sizes).toEqual([]);
    expect(events[0]).toMatchObject({ type: 'Warning', message: expect.stringContaining('a whole disk') });
  });

  it.each<['question' | 'growth', string]>([
    ['question', 'may not ask the kubelet'],
    ['growth', 'must support resize'],
  ])('says why it is not extended: %s', async (what, message) => {
    refuse[what] = errorOfStatus({ message: 'must support resize' }, 403);
    expect(await look()).toEqual({ requeueAfterMs: minute });
    expect(events).toEqual([
      expect.objectContaining({ reason: 'VolumeNotExtended', message: expect.stringContaining(message) }),
    ]);
  });
});

it('a volume of a Machine grows as one of an App does', async () => {
  const autoExtend = { threshold: 80, increment: '1Gi' };
  const spec = { app: 'hello', mounts: [{ name: 'data', destination: '/data', autoExtend }] };
  const metadata = { name: 'one', namespace: 'acme' };
  machines.set({ apiVersion: 'airfield.dev/v1alpha1', kind: 'Machine', metadata, spec });
  const name = claimName('one', 'data');
  const of = claim('1Gi');
  claims.set({ ...of, metadata: { ...of.metadata, name, namespace: 'acme' } });
  const pod = aPod();
  const labels = { ...pod.metadata.labels, 'airfield.dev/machine': 'one' };
  pods.delete('acme/hello-app-0');
  pods.set({ ...pod, metadata: { name: 'one-1', namespace: 'acme', labels } });
  claimed = name;
  await look();
  expect(sizes).toEqual([`${name} 2Gi`]);
});

describe('the kubelet', () => {
  it('is asked once a minute, whatever happens', async () => {
    await look();
    clock.leap(20_000);
    expect(await look()).toEqual({ requeueAfterMs: 40_000 });
    expect(questions).toHaveLength(1);
    clock.leap(40_000);
    await look();
    expect(questions).toHaveLength(2);
  });

  it.each<[string, () => unknown]>([
    ['the App has no autoExtend', () => apps.set(anApp())],
    ['the machine is gone', () => pods.delete('acme/hello-app-0')],
    ['the volume is not there yet', () => claims.delete('acme/data-hello-app-0')],
    ['the App cannot be read', () => apps.set({ ...anApp(), spec: {} })],
  ])('is not asked, nor looked at again, where %s', async (_, change) => {
    change();
    expect(await look()).toBeUndefined();
    expect(questions).toEqual([]);
  });

  it('that does not answer is an error, which is tried again', async () => {
    refuse.question = errorOfStatus({ message: 'no route to host' }, 503);
    await expect(look()).rejects.toThrow('no route to host');
    expect(await look()).toEqual({ requeueAfterMs: minute });
  });
});
