import { beforeAll, describe, expect, it } from 'vitest';
import { secretCrd } from '../../../src/api/crds.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { secrets } from '../../../src/controller/resources.ts';
import type { Addressed } from '../../../src/kube/client.ts';
import { customResourceDefinitions } from '../../../src/kube/resources.ts';
import { seal } from '../../../src/sealing/box.ts';
import { newKeyRing } from '../../../src/sealing/key-ring.ts';
import { until } from '../../cluster/exec.ts';
import { client } from './app-verdict.ts';

/** What the API server says to a Secret; nothing is kept. */
async function verdict(spec: object, name = 'hello'): Promise<string> {
  const object = { apiVersion, kind: 'Secret', metadata: { name, namespace: 'default' }, spec };
  return client.apply(secrets, object, { fieldManager: 'test', dryRun: true }).then(
    () => 'accepted',
    (error: Error) => error.message.replaceAll('Invalid value: ', ''),
  );
}
const value = (from: object) => verdict({ data: { A: from } });
const key = (name: string) => verdict({ data: { [name]: { value: 'x' } } });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`A${n}`, { value: '' }]));
let box: string;

beforeAll(async () => {
  await client.apply(customResourceDefinitions, secretCrd() as Addressed, { fieldManager: 'test', force: true });
  await until('the CRD to be served', async () => (await verdict({ data: {} })) === 'accepted');
  const { keys } = await newKeyRing(new Date());
  box = await seal('value', { namespace: 'default', name: 'hello', key: 'A' }, keys[0]!.publicKey);
});

describe('the API server accepts a Secret', () => {
  it.each<[string, () => object]>([
    ['a box', () => ({ sealed: box })],
    ['a box with the line ends of Windows', () => ({ sealed: box.replaceAll('\n', '\r\n') })],
    ['a box without a newline at its end', () => ({ sealed: box.trimEnd() })],
    ['a key of a core Secret', () => ({ secretKeyRef: { name: 'db.acme', key: '.password' } })],
    ['something to be generated', () => ({ generate: {} })],
    [
      'what is generated, with all that can be said of it',
      () => ({ generate: { length: 1024, alphabet: 'base64url' } }),
    ],
    ['a value', () => ({ value: '' })],
  ])('with %s', async (_, from) => {
    expect(await value(from())).toBe('accepted');
  });

  it.each(['DATABASE_URL', 'lower', 'with-dash', 'with.dot', '.dot', '_x'])(
    'with a variable called %s',
    async (name) => {
      expect(await key(name)).toBe('accepted');
    },
  );

  it('with as many values as it may have, and with none', async () => {
    expect(await verdict({ data: many(256) })).toBe('accepted');
    expect(await verdict({ data: {}, apps: [] })).toBe('accepted');
  });
});

describe('the API server refuses a Secret', () => {
  const one = /spec\.data\.?.*A.*: write exactly one of `sealed`, `secretKeyRef`, `generate` and `value`/;
  it.each<[string, () => Promise<string>, RegExp]>([
    ['without data', () => verdict({}), /spec\.data: Required value/],
    ['with a key without a source', () => value({}), one],
    ['with two sources of one value', () => value({ value: 'x', generate: {} }), one],
    [
      'with what is no box',
      () => value({ sealed: 'YWdlLWVuY3J5cHRpb24=' }),
      /spec\.data\[A\]\.sealed: sealed must be what `airfield seal` prints/,
    ],
    ['with half a box', () => value({ sealed: box.slice(0, 120) }), /spec\.data\[A\]\.sealed: .* to its line END/],
    ['with a key that begins with a digit', () => key('1A'), /spec\.data: a key of data is the name of a variable/],
    ['with a key with a blank', () => key('A B'), /spec\.data: a key of data is the name of a variable/],
    ['with a key with `=`', () => key('A=B'), /spec\.data: a key of data is the name of a variable/],
    ['with two dots for a key', () => key('..'), /spec\.data: a key of data is the name of a variable/],
    ['with an empty key', () => key(''), /spec\.data: a key of data is the name of a variable/],
    [
      "with Airfield's own variable",
      () => key('FLY_REGION'),
      /spec\.data: data sets a variable that Airfield sets itself/,
    ],
    ['with too little to be generated', () => value({ generate: { length: 7 } }), /spec\.data\.A\.generate\.length/],
    ['with too much to be generated', () => value({ generate: { length: 1025 } }), /spec\.data\.A\.generate\.length/],
    ['with another alphabet', () => value({ generate: { alphabet: 'emoji' } }), /spec\.data\.A\.generate\.alphabet/],
    [
      'with a source without a key',
      () => value({ secretKeyRef: { name: 'x' } }),
      /spec\.data\.A\.secretKeyRef\.key: Required/,
    ],
    [
      'with itself as a source',
      () => value({ secretKeyRef: { name: 'hello', key: 'A' } }),
      /spec\.data: the core Secret of this name is made by this Secret/,
    ],
    ['with a value that is too long', () => value({ value: 'x'.repeat(65_537) }), /spec\.data\.A\.value: Too long/],
    [
      'with too many values',
      () => verdict({ data: many(257) }),
      /spec\.data: Too many: 257: must have at most 256 items/,
    ],
    ['with the name of something that is no App', () => verdict({ data: {}, apps: ['No_App'] }), /spec\.apps\[0\]/],
    ['with an App twice', () => verdict({ data: {}, apps: ['a', 'a'] }), /spec\.apps: duplicate entries/],
    ['with a field that there is not', () => value({ vaule: 'x' }), /field not declared in schema|unknown field/],
    [
      'with a name that is no label',
      () => verdict({ data: {} }, 'x'.repeat(64)),
      /the name of a Secret may have 63 characters/,
    ],
  ])('%s, and names the field', async (_, refused, message) => {
    expect(await refused()).toMatch(message);
  });

  it('without saying the value', async () => {
    expect(await value({ value: 'hunter22'.repeat(10_000) })).not.toContain('hunter22');
    expect(await value({ value: 'hunter22', generate: {} })).not.toContain('hunter22');
    expect(await value({ sealed: 'hunter22' })).not.toContain('hunter22');
    expect(await key('1A')).not.toContain('"x"');
  });
});
