import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secrets as secretKind } from '../../../src/controller/resources.ts';
import { secrets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { seal } from '../../../src/sealing/box.ts';
import { withNewKey } from '../../../src/sealing/key-ring.ts';
import { dataOfKeyRing } from '../../../src/sealing/key-ring-data.ts';
import { until } from '../../cluster/exec.ts';
import { base64, type Data, SecretsNamespace } from './secrets-namespace.ts';

let acme: SecretsNamespace;

beforeAll(async () => {
  acme = await SecretsNamespace.create();
});
afterAll(async () => {
  await acme?.stop();
  acme?.client.close();
});

describe('a Secret', () => {
  it('becomes a core Secret of its name with values from all sources, which its status tells without them', async () => {
    await acme.foreign('outside', { token: 'from outside' });
    const secret = await acme.apply('all', {
      PLAIN: { value: 'as it is' },
      BOXED: { sealed: await acme.box('all', 'BOXED', 'out of the box') },
      OUTSIDE: { secretKeyRef: { name: 'outside', key: 'token' } },
      MADE: { generate: { length: 20, alphabet: 'hex' } },
    });
    expect(await acme.told(secret)).toBe('True Realised: all 4 values are there');
    const { MADE, ...rest } = await acme.values('all');
    expect(rest).toEqual({ PLAIN: 'as it is', BOXED: 'out of the box', OUTSIDE: 'from outside' });
    expect(MADE).toMatch(/^[0-9a-f]{20}$/);
    const { keys, count, apps, conditions } = (await acme.status('all'))!;
    expect(keys).toEqual([
      {
        name: 'BOXED',
        source: 'sealed',
        digest: expect.any(String),
        sealedFor: (await acme.ring()).keys[0]!.publicKey,
      },
      { name: 'MADE', source: 'generate', digest: expect.any(String) },
      { name: 'OUTSIDE', source: 'secretKeyRef', digest: expect.any(String) },
      { name: 'PLAIN', source: 'value', digest: expect.any(String) },
    ]);
    expect({ count, apps }).toEqual({ count: 4, apps: ['all'] });
    expect(conditions?.map(({ type }) => type)).toEqual(['Ready', 'PlainValue']);
    const { metadata } = await acme.core('all');
    expect(metadata.labels).toMatchObject({ 'airfield.dev/secret': 'all' });
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Secret', name: 'all', controller: true }]);
  });

  it('has the new value when somebody changes a core Secret that it refers to, and no other', async () => {
    await acme.foreign('rotated', { token: 'first', other: 'x' });
    await acme.told(await acme.apply('follows', { TOKEN: { secretKeyRef: { name: 'rotated', key: 'token' } } }));
    const [before] = (await acme.status('follows'))!.keys!;
    await acme.foreign('rotated', { token: 'second', other: 'x' });
    await acme.becomes('follows', { TOKEN: 'second' });
    const [after] =
      (await until('the new digest', async () => {
        const { keys } = (await acme.status('follows'))!;
        return keys?.[0]?.digest === before?.digest ? undefined : keys;
      })) ?? [];
    expect(after?.digest).toMatch(/^[0-9a-f]{16}$/);
    await acme.foreign('rotated', { token: 'second', other: 'y' });
    await acme.told(await acme.apply('after', {}));
    expect((await acme.status('follows'))?.keys?.[0]?.digest).toBe(after?.digest);
  });

  it('may have values of another Secret', async () => {
    await acme.told(await acme.apply('chain-first', { A: { value: 'one' } }));
    await acme.told(await acme.apply('chain-second', { B: { secretKeyRef: { name: 'chain-first', key: 'A' } } }));
    await acme.apply('chain-first', { A: { value: 'two' } });
    await acme.becomes('chain-second', { B: 'two' });
  });

  it('keeps what was generated, whatever is said of it later, and makes something new of a key that is new', async () => {
    await acme.told(await acme.apply('generated', { A: { generate: { length: 16 } } }));
    const before = await acme.values('generated');
    await acme.told(
      await acme.apply('generated', { A: { generate: { length: 40, alphabet: 'hex' } }, B: { generate: {} } }),
    );
    const after = await acme.values('generated');
    expect(after).toMatchObject(before);
    expect(after.B).toMatch(/^[A-Za-z0-9]{32}$/);
    await acme.told(await acme.apply('generated', { B: { generate: {} } }));
    await acme.told(await acme.apply('generated', { A: { generate: { length: 16 } }, B: { generate: {} } }));
    expect((await acme.values('generated')).A).not.toBe(before.A);
  });

  it('makes something of its own where the value came from somewhere else before', async () => {
    await acme.told(await acme.apply('own', { A: { value: 'written by hand' } }));
    await acme.told(await acme.apply('own', { A: { generate: {} } }));
    expect((await acme.values('own')).A).toMatch(/^[A-Za-z0-9]{32}$/);
  });
});

describe('what somebody does to a core Secret by hand', () => {
  it('is put back: another value, a value that is gone, labels and all that is known of it', async () => {
    await acme.told(await acme.apply('edited', { A: { value: 'right' }, B: { value: 'too' } }));
    const right = { A: 'right', B: 'too' };
    await acme.client.mergePatch(secrets, acme.ref('edited'), { data: { A: base64('wrong') } });
    await acme.becomes('edited', right);
    await acme.client.mergePatch(secrets, acme.ref('edited'), { data: { B: null } });
    await acme.becomes('edited', right);
    const metadata = { labels: { 'app.kubernetes.io/managed-by': null }, annotations: { 'airfield.dev/values': null } };
    await acme.client.mergePatch(secrets, acme.ref('edited'), { metadata });
    await until('both', async () => {
      const { metadata } = await acme.core('edited');
      return metadata.labels?.['app.kubernetes.io/managed-by'] && metadata.annotations?.['airfield.dev/values'];
    });
    expect(await acme.values('edited')).toEqual(right);
    await acme.client.delete(secrets, acme.ref('edited'));
    await acme.becomes('edited', right);
  });

  it('stays where the value was generated', async () => {
    await acme.told(await acme.apply('chosen', { A: { generate: {} } }));
    const digest = (await acme.status('chosen'))?.keys?.[0]?.digest;
    await acme.client.mergePatch(secrets, acme.ref('chosen'), { data: { A: base64('my own choice') } });
    await until(
      'the digest to be another one',
      async () => (await acme.status('chosen'))?.keys?.[0]?.digest !== digest,
    );
    expect(await acme.values('chosen')).toEqual({ A: 'my own choice' });
  });

  it('does not lose a generated value that a release has', async () => {
    await acme.told(await acme.apply('lost', { A: { generate: {} } }));
    const before = await acme.values('lost');
    await acme.app('lost');
    await until('the values of the release', async () => (await acme.copies('lost')).length === 1);
    await acme.client.delete(secrets, acme.ref('lost'));
    await acme.becomes('lost', before as Record<string, string>);
  });
});

describe('a Secret of which one value cannot be had', () => {
  it('leaves its core Secret as it was, and says which and why', async () => {
    await acme.told(await acme.apply('whole', { A: { value: 'one' } }));
    const elsewhere = await acme.box('whole', 'B', 'for another key');
    const secret = await acme.apply('whole', { A: { value: 'two' }, C: { sealed: elsewhere } });
    expect(await acme.told(secret)).toMatch(
      /^False NotSealedForThis: C: it is sealed for B of Secret secrets-\w+\/whole, .* for C of Secret secrets-\w+\/whole/,
    );
    expect((await acme.condition('whole', 'Stalled'))?.status).toBe('True');
    expect(await acme.values('whole')).toEqual({ A: 'one' });
    expect((await acme.status('whole'))?.count).toBe(1);
  });

  it('has none at all while there was none', async () => {
    const secret = await acme.apply('nothing', {
      A: { value: 'there' },
      B: { secretKeyRef: { name: 'later', key: 'b' } },
    });
    expect(await acme.told(secret)).toBe('False SourceNotFound: B: there is no core Secret later yet');
    expect((await acme.condition('nothing', 'Reconciling'))?.status).toBe('True');
    expect(await acme.isAbsent('nothing')).toBe(true);
    await acme.foreign('later', { a: 'x' });
    await until('the key to be missing', async () =>
      /has no key b/.test((await acme.condition('nothing'))?.message ?? ''),
    );
    await acme.foreign('later', { b: 'now' });
    await acme.becomes('nothing', { A: 'there', B: 'now' });
  });

  it('keeps the values that it had when a source goes away', async () => {
    await acme.foreign('leaving', { a: 'kept' });
    await acme.told(await acme.apply('keeps', { A: { secretKeyRef: { name: 'leaving', key: 'a' } } }));
    await acme.client.delete(secrets, acme.ref('leaving'));
    await until('the condition', async () => (await acme.condition('keeps'))?.reason === 'SourceNotFound');
    expect(await acme.values('keeps')).toEqual({ A: 'kept' });
  });

  it.each<[string, () => Promise<Data> | Data, RegExp]>([
    [
      'a box of another namespace',
      async () => ({ A: { sealed: await acme.box('refused', 'A', 'x', 'elsewhere') } }),
      /NotSealedForThis: A: it is sealed for A of Secret elsewhere\/refused/,
    ],
    [
      'a box for a key that nobody has',
      async () => {
        const { keys } = await withNewKey(await acme.ring(), new Date());
        return { A: { sealed: await seal('x', { ...acme.ref('refused'), key: 'A' }, keys[0]!.publicKey) } };
      },
      /CannotOpen: A: no key of this cluster opens it/,
    ],
    [
      'a variable that is too large',
      async () => {
        await acme.foreign('large', { a: 'x'.repeat(131_071) });
        return { A: { secretKeyRef: { name: 'large', key: 'a' } } };
      },
      /TooLarge: A has 131071 bytes, and a variable may have 128 KiB/,
    ],
    [
      'too much of all',
      () => Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`A${n}`, { value: 'x'.repeat(65_536) }])),
      /TooLarge: its values have 1114112 bytes together, .* the largest is A0/,
    ],
    [
      'bytes that are no text',
      async () => {
        await acme.foreign('binary', { a: new Uint8Array([65, 0, 66]), b: new Uint8Array([255, 254]) });
        const from = (key: string) => ({ secretKeyRef: { name: 'binary', key } });
        return { A: from('a'), B: from('b') };
      },
      /NotText: A is not text.*; B is not text/,
    ],
  ])('says so: %s', async (_, data, message) => {
    const secret = await acme.apply('refused', await data());
    // What was said of the Secret before, which had the same name, may come late.
    await until(`${message}`, async () => message.test(await acme.told(secret)));
    expect(await acme.isAbsent('refused')).toBe(true);
    await acme.client.delete(secretKind, acme.ref('refused'));
  });

  it('leaves a core Secret of somebody else alone, and goes on when the name is free', async () => {
    await acme.foreign('taken', { a: 'theirs' });
    const secret = await acme.apply('taken', { A: { value: 'ours' } });
    expect(await acme.told(secret)).toBe(
      'False NameConflict: Secret taken exists already and was not made by Airfield: delete or rename it, or choose another name',
    );
    expect(await acme.values('taken')).toEqual({ a: 'theirs' });
    await acme.client.delete(secrets, acme.ref('taken'));
    await acme.becomes('taken', { A: 'ours' });
  });
});

describe('what is told of values', () => {
  it('names those that are sealed for an old key, until they are sealed again', async () => {
    await acme.told(
      await acme.apply('old', { A: { sealed: await acme.box('old', 'A', 'same') }, B: { generate: {} } }),
    );
    const data = dataOfKeyRing(await withNewKey(await acme.ring(), new Date()));
    await acme.client.mergePatch(secrets, acme.ref('airfield-sealing-keys'), { data });
    const old = await until('the condition', () => acme.condition('old', 'OldSealingKey'));
    expect(old?.message).toBe('`A`: sealed for a key that is not the newest; seal again with `airfield seal`');
    await acme.told(
      await acme.apply('old', { A: { sealed: await acme.box('old', 'A', 'same') }, B: { generate: {} } }),
    );
    expect(await acme.condition('old', 'OldSealingKey')).toBeUndefined();
  });

  it('names the variables that two Secrets set for an App, at both, until one is gone', async () => {
    await acme.told(await acme.apply('first', { A: { value: '1' }, B: { value: '1' } }, { apps: ['both', 'alone'] }));
    // Ages are counted in seconds.
    await until('the next second', async () => Date.now() % 1000 < 100, 5_000, 20);
    await acme.told(await acme.apply('second', { B: { value: '2' }, C: { value: '2' } }, { apps: ['both'] }));
    const older = await until('the older to know', () => acme.condition('first', 'KeyConflict'));
    const younger = await until('the younger to know', () => acme.condition('second', 'KeyConflict'));
    expect(older?.message).toBe(
      'App both gets `B` from Secret second, too, which is younger: the value of this Secret is used; remove it from one of the two',
    );
    expect(younger?.message).toMatch(/^App both gets `B` from Secret first, too, which is older: its value is used/);
    await acme.client.delete(secretKind, acme.ref('first'));
    await until('nothing to be told', async () => !(await acme.condition('second', 'KeyConflict')));
  });
});

describe('the operator', () => {
  it('says so where its keys are broken, changes nothing, and goes on when they are right', async () => {
    await acme.foreign('before', { a: 'one' });
    await acme.told(await acme.apply('keyless', { A: { secretKeyRef: { name: 'before', key: 'a' } } }));
    const ring = await acme.ring();
    const ref = acme.ref('airfield-sealing-keys');
    await acme.client.mergePatch(secrets, ref, { data: { 'digest-key': base64('broken') } });
    const ready = await until('the condition', async () => {
      const found = await acme.condition('keyless');
      return found?.reason === 'SealingKeyUnreadable' ? found : undefined;
    });
    expect(ready?.message).toMatch(
      /core Secret .*airfield-sealing-keys cannot be used: its entry digest-key is not 64/,
    );
    await acme.foreign('before', { a: 'two' });
    await acme.client.mergePatch(secrets, ref, { data: dataOfKeyRing(ring) });
    await acme.becomes('keyless', { A: 'two' });
    await until('it to be ready', async () => (await acme.condition('keyless'))?.status === 'True');
  });

  it('writes nothing when it is started again', async () => {
    const versions = async () => {
      const { items } = await acme.client.list<KubeObject>(secrets, { namespace: acme.name });
      const own = await acme.client.list<KubeObject>(secretKind, { namespace: acme.name });
      return [...items, ...own.items].map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
    };
    await acme.stop();
    const before = await versions();
    await acme.start();
    await acme.told(await acme.apply('afterwards', {}));
    const after = await versions();
    expect(after.filter((line) => !line.startsWith('afterwards '))).toEqual(before);
  });
});
