import { describe, expect, it } from 'vitest';
import { type SecretSpecInput, secretSpecSchema, secretStatusSchema } from '../../src/api/secret.ts';
import type { KeptValue } from '../../src/desired/core-secret.ts';
import { ready } from '../../src/status/claims.ts';
import { realised, type SecretObserved, secretStatus } from '../../src/status/secret.ts';

const now = new Date('2026-01-02T03:04:05Z');
const value = (name: string, more: Partial<KeptValue> = {}): KeptValue => ({
  name,
  value: Buffer.from('hunter22').toString('base64'),
  source: 's',
  digest: `digest of ${name}`,
  ...more,
});

function statusOf(data: SecretSpecInput['data'], more: Partial<SecretObserved> = {}, spec: object = {}) {
  const metadata = { name: 'hello', namespace: 'acme', uid: 'u', generation: 2 };
  const secret = { metadata, spec: secretSpecSchema.parse({ data, ...spec }), status: secretStatusSchema.parse({}) };
  const observed = { values: [], claims: ready('Realised', 'all'), conflicts: [], newestKey: 'age1new', ...more };
  return secretStatus(secret, observed, now);
}
const conditions = (...of: Parameters<typeof statusOf>) =>
  statusOf(...of).conditions?.map(({ type, message }) => `${type}: ${message}`);

describe('the status of a Secret', () => {
  it('lists the values by name, and has none', () => {
    const sealed = `-----BEGIN AGE ENCRYPTED FILE-----\nQQ==\n-----END AGE ENCRYPTED FILE-----\n`;
    const values = [value('A', { sealedFor: 'age1new' }), value('B')];
    const status = statusOf({ A: { sealed }, B: { generate: {} } }, { values });
    expect(status).toMatchObject({
      observedGeneration: 2,
      count: 2,
      apps: ['hello'],
      keys: [
        { name: 'A', source: 'sealed', digest: 'digest of A', sealedFor: 'age1new' },
        { name: 'B', source: 'generate', digest: 'digest of B' },
      ],
    });
    expect(JSON.stringify(status)).not.toMatch(/hunter22|aHVudGVyMjI/);
  });

  it('names the Apps that it says', () => {
    expect(statusOf({}, {}, { apps: ['one', 'two'] }).apps).toEqual(['one', 'two']);
    expect(statusOf({}, {}, { apps: [] }).apps).toEqual([]);
  });

  it('says no more than that it is ready where nothing else is true', () => {
    expect(conditions({ A: { generate: {} } }, { values: [value('A', { sealedFor: 'age1new' })] })).toEqual([
      'Ready: all',
    ]);
  });

  it('says which values are written as they are, and what to do', () => {
    expect(conditions({ B: { value: 'x' }, A: { value: 'hunter22' }, C: { generate: {} } })?.[1]).toBe(
      'PlainValue: `A`, `B`: whoever can read this object, or the file that it came from, can read the value; write what `airfield seal` prints as `sealed` instead',
    );
  });

  it('says which are sealed for an old key, and of two Secrets which is heard', () => {
    const values = [value('A', { sealedFor: 'age1old' }), value('B', { sealedFor: 'age1new' })];
    const conflicts = [{ app: 'hello', keys: ['B'], other: 'more', wins: false }];
    expect(conditions({}, { values, conflicts })?.slice(1)).toEqual([
      'KeyConflict: App hello gets `B` from Secret more, too, which is older: its value is used; remove it from one of the two',
      'OldSealingKey: `A`: sealed for a key that is not the newest; seal again with `airfield seal`',
    ]);
  });

  it.each([
    [0, 'it has no values'],
    [1, 'its value is there'],
    [3, 'all 3 values are there'],
  ])('counts %i in words', (count, words) => {
    expect(realised(count)).toBe(words);
  });
});
