import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { statefulSet } from '../../../src/desired/stateful-set.ts';
import { isConflict, isImmutable, isInvalid } from '../../../src/kube/errors.ts';
import { statefulSets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { anApp, settings, theWorkloads } from '../../desired/app-fixture.ts';
import { Family } from './family.ts';

type Mounts = NonNullable<AppSpecInput['mounts']>;
type Stored = KubeObject & {
  spec: {
    volumeClaimTemplates: { metadata: { name: string }; spec: { resources: { requests: { storage: string } } } }[];
  };
};

let family: Family;

beforeAll(async () => {
  family = await Family.create();
});
beforeEach(() => family.found());
afterAll(() => family?.client.close());

const data: Mounts[number] = { name: 'data', destination: '/data', size: '1024Mi', storageClassName: 'fast' };

function setOf(mounts: Mounts, more: Partial<AppSpecInput> = {}): KubeObject {
  const app = anApp({ mounts, ...more }, family.owner.metadata.name);
  const [workload] = theWorkloads({ ...app, metadata: { ...app.metadata, namespace: family.namespace } });
  return statefulSet(workload!, settings) as KubeObject;
}

const applies = (set: KubeObject, current: KubeObject[] = []) => family.children.apply(family.owner, [set], current);
const sizesIn = ({ spec }: Stored) =>
  spec.volumeClaimTemplates.map(({ metadata, spec }) => [metadata.name, spec.resources.requests.storage]);

/** The garbage collector's part, which nobody plays on an API server alone: the pods have been let go. */
async function orphaned(set: KubeObject): Promise<void> {
  const { metadata } = await family.read<KubeObject>(set);
  expect(metadata.deletionTimestamp).toBeDefined();
  expect(metadata.finalizers).toEqual(['orphan']);
  await family.client.mergePatch(statefulSets, set.metadata, { metadata: { finalizers: null } });
}

describe('the StatefulSet of an App', () => {
  it('is written once, with everything that a mount may say', async () => {
    const set = setOf(
      [
        data,
        { name: 'more-data', destination: '/more', size: '1.5Gi', fromSnapshot: 'yesterday', snapshots: {} },
        { name: 'plain', destination: '/plain', onDelete: 'delete' },
      ],
      { count: 9, deploy: { maxUnavailable: 1 } },
    );
    await applies(set);
    expect(family.takeWrites()).toEqual(['apply StatefulSet']);
    expect(await family.settle([set])).toEqual([]);
    await family.restarted().apply(family.owner, [set], []);
    expect(family.takeWrites()).toEqual([]);
  });

  it('settles after one correction where the cluster has no maxUnavailable for it', async () => {
    const set = setOf([data], { count: 9, deploy: { strategy: 'immediate' } });
    await applies(set);
    family.takeWrites();
    expect(await family.settle([set])).toEqual([]);
  });

  it('is changed in its place where that is allowed', async () => {
    const set = setOf([data]);
    const [made] = await applies(set);
    const changed = setOf([data], { env: { GREETING: 'hello' }, count: 3 });
    const [applied] = await applies(changed, [made!]);
    expect(applied?.metadata.uid).toBe(made?.metadata.uid);
  });

  it.each<[string, Mounts]>([
    ['a volume grows', [{ ...data, size: '2Gi' }]],
    ['a mount is added', [data, { name: 'more', destination: '/more' }]],
    ['the storage class changes', [{ ...data, storageClassName: 'slow' }]],
    ['new volumes begin with a snapshot', [{ ...data, fromSnapshot: 'yesterday' }]],
  ])('is made anew without its pods when %s', async (_, mounts) => {
    const [made] = await applies(setOf([data]));
    const changed = setOf(mounts);
    family.takeWrites();
    await expect(applies(changed, [made!])).rejects.toSatisfy(isConflict);
    expect(family.takeWrites()).toEqual(['delete StatefulSet']);
    await expect(applies(changed, [await family.read(changed)])).rejects.toSatisfy(isConflict);
    expect(family.takeWrites()).toEqual([]);
    await orphaned(changed);
    const [again] = await applies(changed);
    expect(family.takeWrites()).toEqual(['apply StatefulSet']);
    expect(again?.metadata.uid).not.toBe(made?.metadata.uid);
    expect(sizesIn(again as Stored)).toEqual(sizesIn(changed as Stored));
    expect(await family.settle([changed])).toEqual([]);
  });

  it('stays where it is when a change is not valid besides', async () => {
    const [made] = await applies(setOf([data]));
    const broken = setOf([{ ...data, size: '2Gi' }]) as KubeObject & { spec: { template: { spec: object } } };
    Object.assign(broken.spec.template.spec, { restartPolicy: 'Never' });
    await expect(applies(broken, [made!])).rejects.toSatisfy((error) => isInvalid(error) && !isImmutable(error));
    expect((await family.read<KubeObject>(broken)).metadata.deletionTimestamp).toBeUndefined();
  });
});
