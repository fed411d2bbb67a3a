import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { scaledAnnotation } from '../../../src/api/meta.ts';
import { tendScales } from '../../../src/controller/scales.ts';
import { deployment } from '../../../src/desired/deployment.ts';
import { statefulSet } from '../../../src/desired/stateful-set.ts';
import type { Workload } from '../../../src/desired/workloads.ts';
import type { Addressed } from '../../../src/kube/client.ts';
import { isConflict } from '../../../src/kube/errors.ts';
import { deployments, statefulSets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { anApp, settings, theWorkloads } from '../../desired/app-fixture.ts';
import { Family } from './family.ts';

type Kind = 'Deployment' | 'StatefulSet';
type Stored = KubeObject & { spec: { replicas: number; template: { metadata: object } } };

let family: Family;

beforeAll(async () => {
  family = await Family.create();
});
beforeEach(() => family.found());
afterAll(() => family?.client.close());

const signal = new AbortController().signal;

function workloadOf(kind: Kind, autoStop: 'stop' | 'off', more: Partial<AppSpecInput> = {}): Workload {
  const mounts = kind === 'StatefulSet' ? [{ name: 'data', destination: '/data' }] : [];
  const services = [{ internalPort: 8080, ports: [{ port: 80 }], autoStop }];
  const app = anApp({ count: 3, services, mounts, ...more }, family.owner.metadata.name);
  return theWorkloads({ ...app, metadata: { ...app.metadata, namespace: family.namespace } })[0]!;
}

const objectOf = (workload: Workload) =>
  (workload.kind === 'Deployment' ? deployment : statefulSet)(workload, settings) as KubeObject;
const sleepy = (kind: Kind, more?: Partial<AppSpecInput>) => objectOf(workloadOf(kind, 'stop', more));
const awake = (kind: Kind, more?: Partial<AppSpecInput>) => objectOf(workloadOf(kind, 'off', more));
const stored = (kind: Kind) => family.read<Stored>(awake(kind));
const replicas = async (kind: Kind) => (await stored(kind)).spec.replicas;
const isScaled = async (kind: Kind) => (await stored(kind)).metadata.annotations?.[scaledAnnotation] === 'true';
const put = (object: KubeObject) => family.settle([object]);

/** What a gate, the autoscaler or a person does. */
async function scale(kind: Kind, to: number, fieldManager = 'airfield-gate'): Promise<void> {
  const resource = kind === 'Deployment' ? deployments : statefulSets;
  await family.client.mergePatch(
    resource,
    awake(kind).metadata,
    { spec: { replicas: to } },
    { subresource: 'scale', fieldManager },
  );
}

/** The next apply of a Scale by the operator, with something done before or after it. */
function around(before: () => Promise<void>, after: () => Promise<void>): void {
  family.children = family.restarted({
    apply: async <T extends Addressed>(...call: Parameters<typeof family.client.apply<T>>): Promise<T> => {
      const isScale = call[2].subresource === 'scale';
      if (isScale) await before();
      const applied = await family.client.apply<T>(...call);
      if (isScale) await after();
      return applied;
    },
  });
}

const nothing = async () => {};

describe.each<Kind>(['Deployment', 'StatefulSet'])('a %s that is stopped without work from now on', (kind) => {
  it('keeps the machines that it has, and is not written again', async () => {
    await put(awake(kind));
    expect(await put(sleepy(kind))).toEqual([`apply ${kind}`]);
    expect([await replicas(kind), await isScaled(kind)]).toEqual([3, true]);
    expect(await put(sleepy(kind))).toEqual([]);
    family.children = family.restarted();
    expect(await put(sleepy(kind))).toEqual([]);
  });

  it.each([true, false])(
    'keeps what others make of it, whatever else is applied: it was there before: %s',
    async (old) => {
      if (old) await put(awake(kind));
      await put(sleepy(kind));
      for (const to of [0, 1, 2]) {
        await scale(kind, to);
        expect(await put(sleepy(kind, { env: { N: `${to}` } }))).toEqual([`apply ${kind}`]);
        expect(await replicas(kind)).toBe(to);
        await scale(kind, 2 - to);
        expect(await put(sleepy(kind, { env: { N: `${to}` } }))).toEqual([]);
      }
    },
  );

  it('keeps what it was scaled to before', async () => {
    await put(awake(kind));
    await scale(kind, 5, 'kubectl');
    await put(sleepy(kind));
    expect(await replicas(kind)).toBe(5);
  });

  it('keeps what others make of it in the middle of the change', async () => {
    await put(awake(kind));
    around(nothing, () => scale(kind, 5));
    await put(sleepy(kind));
    expect([await replicas(kind), await isScaled(kind)]).toEqual([5, true]);
    await put(sleepy(kind, { env: { N: '1' } }));
    expect(await replicas(kind)).toBe(5);
  });

  it('is looked at again where others are faster', async () => {
    await put(awake(kind));
    around(() => scale(kind, 5), nothing);
    await expect(put(sleepy(kind))).rejects.toSatisfy(isConflict);
    family.children = family.restarted();
    await put(sleepy(kind));
    expect([await replicas(kind), await isScaled(kind)]).toEqual([5, true]);
  });

  it('keeps its machines where the operator is killed in the middle of the change', async () => {
    await put(awake(kind));
    around(nothing, () => Promise.reject(new Error('killed')));
    await expect(put(sleepy(kind))).rejects.toThrow('killed');
    expect([await replicas(kind), await isScaled(kind)]).toEqual([3, false]);
    await scale(kind, 2);
    family.children = family.restarted();
    await put(sleepy(kind));
    expect([await replicas(kind), await isScaled(kind)]).toEqual([2, true]);
  });

  it('keeps its machines where the cache is behind', async () => {
    await put(sleepy(kind));
    const before = await stored(kind);
    await put(awake(kind));
    await family.children.apply(family.owner, [sleepy(kind, { env: { N: '1' } })], [before]);
    expect(await replicas(kind)).toBe(3);
    await family.children.apply(family.owner, [sleepy(kind)], [before]);
    expect(await replicas(kind)).toBe(3);
  });

  it('is not made again, with one machine, where it is deleted in the middle of a change', async () => {
    await put(sleepy(kind));
    const before = await stored(kind);
    family.children = family.restarted({
      get: async <T>(...call: Parameters<typeof family.client.get<T>>): Promise<T> => {
        const found = await family.client.get<T>(...call);
        await family.client.delete(...(call.slice(0, 2) as [(typeof call)[0], (typeof call)[1]]));
        return found;
      },
    });
    const changed = sleepy(kind, { env: { N: '1' } });
    await expect(family.children.apply(family.owner, [changed], [before])).rejects.toSatisfy(isConflict);
    expect(await family.readAll([changed])).toEqual([]);
  });

  it('has all machines again when that is over, and may change again and again', async () => {
    await put(sleepy(kind));
    expect(await replicas(kind)).toBe(1);
    for (const to of [0, 2]) {
      await scale(kind, to);
      await put(awake(kind));
      expect([await replicas(kind), await isScaled(kind)]).toEqual([3, false]);
      expect(await put(awake(kind))).toEqual([]);
      await put(sleepy(kind));
      expect([await replicas(kind), await isScaled(kind)]).toEqual([3, true]);
    }
    await scale(kind, 3);
    await put(awake(kind, { count: 0 }));
    await put(sleepy(kind));
    expect([await replicas(kind), await isScaled(kind)]).toEqual([0, true]);
  });

  it('is restarted by hand without starting a machine', async () => {
    await put(sleepy(kind));
    await scale(kind, 0);
    const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
    const { metadata } = await stored(kind);
    await family.client.mergePatch(
      kind === 'Deployment' ? deployments : statefulSets,
      metadata,
      { spec: { template: { metadata: { annotations } } } },
      { fieldManager: 'kubectl-rollout' },
    );
    expect(await put(sleepy(kind))).toEqual([]);
    const { spec } = await stored(kind);
    expect([spec.replicas, spec.template.metadata]).toMatchObject([0, { annotations }]);
  });

  it('is scaled to what has to run and may', async () => {
    const workload = workloadOf(kind, 'stop');
    await put(objectOf(workload));
    const tend = async (min: number, count = 3, applied?: KubeObject) => {
      const found = [applied ?? (await stored(kind))];
      await tendScales([{ ...workload, count, scale: { ...workload.scale!, min } }], found, {
        client: family.client,
        signal,
      });
      return replicas(kind);
    };
    await scale(kind, 0);
    expect(await tend(0)).toBe(0);
    expect(await tend(2)).toBe(2);
    expect(await tend(0)).toBe(2);
    expect(await tend(0, 1)).toBe(1);
    const before = await stored(kind);
    await scale(kind, 3);
    expect(await tend(2, 3, before)).toBe(3);
  });
});
