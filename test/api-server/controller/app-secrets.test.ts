import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apps as appKind, secrets as secretKind } from '../../../src/controller/resources.ts';
import { deployments, pods, secrets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { until } from '../../cluster/exec.ts';
import { base64, type Copy, SecretsNamespace } from './secrets-namespace.ts';

let acme: SecretsNamespace;

beforeAll(async () => {
  acme = await SecretsNamespace.create();
});
afterAll(async () => {
  await acme?.stop();
  acme?.client.close();
});

describe('an App', () => {
  it('that is applied before its Secret has one release, with its values', async () => {
    await acme.app('hello');
    await acme.told(await acme.apply('hello', { A: { value: '1' }, B: { value: '2' } }));
    await acme.released('hello', 1);
    const [only, ...more] = await acme.releases('hello');
    expect(more).toEqual([]);
    expect(only?.spec.secrets).toEqual([{ name: 'hello', digest: expect.any(String), keys: ['A', 'B'] }]);
    await until('the values', async () => (await acme.copies('hello')).length === 1);
    expect(await acme.valuesOfCopies('hello')).toEqual([{ A: '1', B: '2' }]);
    const [copy] = await acme.copies('hello');
    expect(copy?.immutable).toBe(true);
    interface Deployment {
      spec: { template: { metadata: { labels: object }; spec: { containers: { envFrom: object }[] } } };
    }
    const { spec } = await until('its machines', () => acme.client.get<Deployment>(deployments, acme.ref('hello-app')));
    expect(spec.template.spec.containers[0]?.envFrom).toEqual([{ secretRef: { name: copy?.metadata.name } }]);
  });

  it('has one release more for each change of a Secret, however many of its keys did', async () => {
    await acme.told(await acme.apply('hello', { A: { value: '3' }, B: { value: '4' }, C: { value: '5' } }));
    await acme.released('hello', 2);
    await until('the values', async () => (await acme.copies('hello')).some(({ data }) => data?.C));
    await acme.told(await acme.apply('hello', { A: { value: '3' } }));
    await acme.released('hello', 3);
    await acme.client.delete(secretKind, acme.ref('hello'));
    await acme.released('hello', 4);
    expect((await acme.releases('hello')).at(-1)?.spec.secrets).toEqual([]);
  });

  it('keeps values as long as anything has them', async () => {
    await acme.app('keeper', { processes: [{ name: 'app', count: 0 }] });
    await acme.told(await acme.apply('keeper', { A: { value: 'old' } }));
    await acme.released('keeper', 1);
    const hash = (await until('values', async () => (await acme.copies('keeper'))[0]))?.metadata.labels?.[
      'airfield.dev/secrets'
    ];
    const labels = {
      'app.kubernetes.io/managed-by': 'airfield',
      'airfield.dev/app': 'keeper',
      'airfield.dev/machine': 'm1',
      'airfield.dev/secrets': hash ?? '',
    };
    const containers = [{ name: 'x', image: 'x:1' }];
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...acme.ref('machine'), labels }, spec: { containers } };
    await acme.client.create(pods, pod);
    await acme.apply('keeper', { A: { value: 'new' } });
    await acme.released('keeper', 2);
    await until('the new ones', async () => (await acme.valuesOfCopies('keeper')).some(({ A }) => A === 'new'));
    await acme.app('keeper', { processes: [{ name: 'app', count: 0 }], env: { X: '1' } });
    await acme.released('keeper', 3);
    await until('its workload to have the new ones', async () => {
      const { metadata } = await acme.client.get<KubeObject>(deployments, acme.ref('keeper-app'));
      return metadata.labels?.['airfield.dev/release'] === '3';
    });
    expect((await acme.valuesOfCopies('keeper')).map(({ A }) => A).sort()).toEqual(['new', 'old']);
    await acme.client.delete(pods, acme.ref('machine'));
    await until('the old ones to go', async () => (await acme.copies('keeper')).length === 1);
  });

  it('has its values again when somebody deletes them, or puts others in their place', async () => {
    await acme.app('robbed');
    await acme.told(await acme.apply('robbed', { A: { value: 'right' } }));
    const [copy] = (await until('values', async () => {
      const all = await acme.copies('robbed');
      return all.length === 1 ? all : undefined;
    })) as [Copy];
    await acme.client.delete(secrets, copy.metadata);
    await until('them again', async () => (await acme.valuesOfCopies('robbed'))[0]?.A === 'right');
    const [again] = (await acme.copies('robbed')) as [Copy];
    const { uid: _, resourceVersion: __, ...metadata } = again.metadata;
    await acme.client.delete(secrets, again.metadata);
    await acme.client.create(secrets, { ...again, metadata, data: { A: base64('wrong') } }).catch(() => undefined);
    await until('the right ones', async () => (await acme.valuesOfCopies('robbed'))[0]?.A === 'right');
  });

  it('waits for a Secret that has no values, and says for which', async () => {
    await acme.told(await acme.apply('waiting', { A: { secretKeyRef: { name: 'missing', key: 'a' } } }));
    await acme.app('waiting');
    const ready = await until('the reason', () => acme.condition('waiting', 'Ready', appKind));
    expect(ready).toMatchObject({
      status: 'False',
      reason: 'SecretNotReady',
      message: 'Secret waiting has no values: A: there is no core Secret missing yet',
    });
    expect(await acme.releases('waiting')).toEqual([]);
    await acme.foreign('missing', { a: 'here' });
    await acme.released('waiting', 1);
  });

  it('goes on with what it has while a Secret cannot be realised any more', async () => {
    await acme.app('goes-on');
    await acme.told(await acme.apply('goes-on', { A: { value: 'old' } }));
    await acme.released('goes-on', 1);
    await acme.told(await acme.apply('goes-on', { A: { secretKeyRef: { name: 'nowhere', key: 'a' } } }));
    await acme.app('goes-on', { env: { X: '1' } });
    await acme.released('goes-on', 2);
    const [first, second] = await acme.releases('goes-on');
    expect(second?.spec.secrets).toEqual(first?.spec.secrets);
  });

  it('is not released anew by a staged change, but has it with the next release', async () => {
    await acme.app('staged');
    await acme.told(await acme.apply('staged', { A: { value: 'old' } }));
    await acme.released('staged', 1);
    await acme.told(await acme.apply('staged', { A: { value: 'new' } }, { staged: true }));
    await until('the new value', async () => (await acme.values('staged')).A === 'new');
    await acme.app('staged', { env: { X: '1' } });
    await acme.released('staged', 2);
    await until('both', async () => (await acme.valuesOfCopies('staged')).map(({ A }) => A).includes('new'));
    expect((await acme.releases('staged')).map(({ version }) => version)).toEqual([1, 2]);
  });

  it('says which name in `secrets` of a sidecar it has no Secret for, instead of a machine that never starts', async () => {
    const sidecars = [{ name: 'beside', image: 'x:1', secrets: ['A', 'TYPO'] }];
    await acme.told(await acme.apply('beside', { A: { value: '1' } }));
    await acme.app('beside', { processes: [{ name: 'app', sidecars }] });
    const ready = await until('the reason', () => acme.condition('beside', 'Ready', appKind));
    expect(ready).toMatchObject({
      reason: 'NoSuchSecret',
      message:
        'spec.processes[0].sidecars[0].secrets: no Secret of the App has `TYPO` (there are A): add it to a Secret, or remove it here',
    });
    await acme.apply('beside', { A: { value: '1' }, TYPO: { value: '2' } });
    await acme.released('beside', 1);
  });
});
