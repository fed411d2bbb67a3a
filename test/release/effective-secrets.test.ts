import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveSecrets, keyConflicts, type NamedSecret } from '../../src/release/effective-secrets.ts';

const times = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'] as const;

/** `A1 B1`: variables with the digests of their values. */
function secret(name: string, age: number, keys: string, staged = false): NamedSecret {
  const list = keys.split(' ').filter(Boolean);
  const createdAt = times[age] ?? '';
  return { name, createdAt, staged, keys: list.map((key) => ({ name: key[0] ?? '', digest: key.slice(1) })) };
}

/** `older[A B]`: what an App has of each. */
const told = (secrets: readonly NamedSecret[]) =>
  effectiveSecrets(secrets).map(({ name, keys }) => `${name}[${keys.join(' ')}]`);

describe('what an App has of its Secrets', () => {
  it.each<[string, NamedSecret[], string[]]>([
    ['nothing of none', [], []],
    ['all of one, in order', [secret('a', 0, 'B1 A1')], ['a[A B]']],
    ['nothing of one without values', [secret('a', 0, '')], []],
    [
      'all of several that have nothing in common, by name',
      [secret('b', 0, 'B1'), secret('a', 1, 'A1')],
      ['a[A]', 'b[B]'],
    ],
    [
      'of two that set one variable that of the older',
      [secret('a', 1, 'A1 B1'), secret('b', 0, 'A2')],
      ['a[B]', 'b[A]'],
    ],
    ['of two of one age that of the first by name', [secret('b', 0, 'A1'), secret('a', 0, 'A2')], ['a[A]']],
    ['a staged one too', [secret('a', 0, 'A1', true)], ['a[A]']],
  ])('is %s', (_, secrets, expected) => {
    expect(told(secrets)).toEqual(expected);
  });

  it('has another digest when a value changes that it gets, and only then', () => {
    const digests = (...secrets: NamedSecret[]) => effectiveSecrets(secrets).map(({ digest }) => digest);
    const [old] = digests(secret('a', 0, 'A1 B1'));
    expect(digests(secret('a', 0, 'A2 B1'))).not.toEqual([old]);
    expect(digests(secret('a', 0, 'A1'))).not.toEqual([old]);
    expect(digests(secret('a', 0, 'B1 A1'))).toEqual([old]);
    const younger = (value: string) => digests(secret('a', 0, 'A1 B1'), secret('b', 1, `A${value} C1`));
    expect(younger('1')).toEqual(younger('2'));
  });

  const anySecrets = fc.uniqueArray(
    fc
      .record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        age: fc.nat(2),
        keys: fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D'), fc.constantFrom('1', '2')),
        staged: fc.boolean(),
      })
      .map(({ name, age, keys, staged }) =>
        secret(
          name,
          age,
          Object.entries(keys)
            .map(([key, value]) => key + value)
            .join(' '),
          staged,
        ),
      ),
    { selector: ({ name }) => name },
  );

  it('is every variable once, and the same in whatever order the Secrets come', () => {
    fc.assert(
      fc.property(anySecrets, fc.nat(), (secrets, turn) => {
        const effective = effectiveSecrets(secrets);
        const keys = effective.flatMap(({ keys }) => keys).sort();
        expect(keys).toEqual([...new Set(secrets.flatMap(({ keys }) => keys.map(({ name }) => name)))].sort());
        const at = turn % (secrets.length + 1);
        expect(effectiveSecrets([...secrets.slice(at), ...secrets.slice(0, at)])).toEqual(effective);
      }),
    );
  });

  it('is taken away from nobody by a Secret that comes later', () => {
    fc.assert(
      fc.property(anySecrets, (secrets) => {
        const later = { ...secret('z', 2, 'A9 B9'), createdAt: '2027-01-01T00:00:00Z' };
        const before = effectiveSecrets(secrets);
        expect(effectiveSecrets([...secrets, later])).toEqual(expect.arrayContaining(before));
      }),
    );
  });
});

describe('variables that two Secrets set', () => {
  const rival = (name: string, age: number, keys: string[], apps = ['hello']) => ({
    name,
    createdAt: times[age] ?? '',
    keys,
    apps,
  });

  it('are told for each App and each other Secret, with who is heard', () => {
    const me = rival('me', 1, ['B', 'A', 'C'], ['hello', 'other']);
    const others = [rival('younger', 2, ['A', 'B']), rival('older', 0, ['C'], ['other', 'third']), me];
    expect(keyConflicts(me, others)).toEqual([
      { app: 'hello', keys: ['A', 'B'], other: 'younger', wins: true },
      { app: 'other', keys: ['C'], other: 'older', wins: false },
    ]);
  });

  it('are none for different Apps', () => {
    expect(keyConflicts(rival('a', 0, ['A'], ['one']), [rival('b', 1, ['A'], ['two'])])).toEqual([]);
  });

  it('are told by one of the two as the contrary of what the other tells', () => {
    const [a, b] = [rival('a', 0, ['A']), rival('b', 0, ['A'])];
    expect(keyConflicts(a, [b])[0]?.wins).not.toBe(keyConflicts(b, [a])[0]?.wins);
  });
});
