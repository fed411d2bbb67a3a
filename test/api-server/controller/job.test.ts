import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { machineJob } from '../../../src/desired/job.ts';
import { machineCheck, machineChecksOf } from '../../../src/desired/machine-check.ts';
import { jobs } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { anApp, settings, theWorkloads } from '../../desired/app-fixture.ts';
import { Family } from './family.ts';

type Stored = KubeObject & { spec: { completions: number; parallelism: number; suspend: boolean } };

let family: Family;

beforeAll(async () => {
  family = await Family.create();
});
beforeEach(() => family.found());
afterAll(() => family?.client.close());

function jobOf(spec: Partial<AppSpecInput> = {}): KubeObject {
  const app = anApp({ restart: { policy: 'onFailure' }, count: 3, ...spec }, family.owner.metadata.name);
  const [workload] = theWorkloads({ ...app, metadata: { ...app.metadata, namespace: family.namespace } });
  return machineJob(workload!, settings) as KubeObject;
}

describe('the Job of machines that may end', () => {
  it.each<[string, Partial<AppSpecInput>]>([
    ['with nothing', {}],
    ['that never come back', { restart: { policy: 'no' } }],
    [
      'with everything that a pod of one can have',
      {
        env: { EMPTY: '', PRICE: '$(5)' },
        files: [{ path: '/etc/app.conf', content: 'x' }],
        processes: [
          {
            name: 'app',
            command: ['work'],
            init: [{ name: 'before', image: 'x:1' }],
            sidecars: [{ name: 'beside', image: 'x:1' }],
          },
        ],
        metrics: [{ port: 9091 }],
      },
    ],
  ])('%s is written once', async (_, spec) => {
    const job = jobOf(spec);
    await family.children.apply(family.owner, [job], []);
    expect(family.takeWrites()).toEqual(['apply Job']);
    expect(await family.settle([job])).toEqual([]);
    await family.restarted().apply(family.owner, [job], []);
    expect(family.takeWrites()).toEqual([]);
  });

  it.each([5, 1])('is changed in its place where there should be %s machines', async (count) => {
    await family.children.apply(family.owner, [jobOf()], []);
    family.takeWrites();
    const changed = jobOf({ count });
    expect(await family.settle([changed])).toEqual(['apply Job']);
    expect((await family.read<Stored>(changed)).spec).toMatchObject({ completions: count, parallelism: count });
    expect(await family.settle([changed])).toEqual([]);
  });

  it('takes another number also when it is over', async () => {
    const job = jobOf();
    const [made] = await family.children.apply(family.owner, [job], []);
    const now = new Date().toISOString().slice(0, 19).concat('Z');
    const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now });
    const status = {
      startTime: now,
      completionTime: now,
      succeeded: 3,
      completedIndexes: '0-2',
      conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
    };
    await family.client.mergePatch(jobs, made!.metadata, { status }, { subresource: 'status' });
    family.takeWrites();
    expect(await family.settle([jobOf({ count: 5 })])).toEqual(['apply Job']);
    expect(await family.settle([jobOf({ count: 5 })])).toEqual([]);
  });

  it('stays what it was made of, whatever Airfield would make today', async () => {
    const [made] = await family.children.apply(family.owner, [jobOf()], []);
    family.takeWrites();
    const other = jobOf({ env: { MORE: 'yes' } });
    expect(await family.settle([other])).toEqual(['apply Job']);
    expect(await family.settle([other])).toEqual([]);
    const stored = await family.read(other);
    expect(stored.metadata.uid).toBe(made?.metadata.uid);
    expect(JSON.stringify(stored.spec)).not.toContain('MORE');
  });

  it.each([
    ['suspended', { suspend: true }],
    ['made smaller', { parallelism: 1 }],
  ])('is put back when somebody has %s it', async (_, patch) => {
    const job = jobOf();
    const [made] = await family.children.apply(family.owner, [job], []);
    await family.client.mergePatch(jobs, made!.metadata, { spec: patch });
    family.takeWrites();
    expect(await family.settle([job])).toEqual(['apply Job']);
    expect((await family.read<Stored>(job)).spec).toMatchObject({ completions: 3, parallelism: 3, suspend: false });
  });
});

describe('the Job of a machine check', () => {
  it.each([
    ['with nothing', {}],
    [
      'with all that it may say',
      { image: 'curl:1', entrypoint: ['curl'], command: ['-f'], killSignal: 'SIGTERM' as const, killTimeout: '30s' },
    ],
  ])('%s is written once', async (_, check) => {
    const app = anApp({ services: [{ internalPort: 8080, machineChecks: [check] }] }, family.owner.metadata.name);
    const workloads = theWorkloads({ ...app, metadata: { ...app.metadata, namespace: family.namespace } });
    const [found] = machineChecksOf(workloads);
    const job = machineCheck({ ...found!, address: '10.0.0.1' }, settings) as KubeObject;
    await family.children.apply(family.owner, [job], []);
    expect(family.takeWrites()).toEqual(['apply Job']);
    expect(await family.settle([job])).toEqual([]);
  });
});
