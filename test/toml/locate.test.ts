import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parseToml, type TomlValue } from '../../src/toml/parse.ts';
import { type Tree, type Value, writeToml } from './write-toml.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const text = fc.string({ unit: fc.constantFrom(...'aZ09 "\'\\#=[]{},.\n\t\u0007\u007fé😀') });
const key = fc.oneof(
  fc.stringMatching(/^[\w-]{1,6}$/),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', 'a.b'),
  text,
);
const scalar = fc.oneof(text, fc.maxSafeInteger(), fc.boolean(), fc.constantFrom(0.5, -1.25, 3e22));
const { tree } = fc.letrec<{ tree: Tree; value: Value }>((tie) => ({
  tree: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    tie('tree'),
    fc.array(scalar, { maxLength: 3 }),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
}));
const file = fc.record({ tree, styles: fc.array(fc.nat(5), { minLength: 1, maxLength: 40 }), isWindows: fc.boolean() });

describe('the place of a key', () => {
  it('is known for every key of any file, in whatever style it is written', () => {
    fc.assert(
      fc.property(file, ({ tree, styles, isWindows }) => {
        let calls = 0;
        const { text, places } = writeToml(tree, (options) => styles[calls++ % styles.length]! % options);
        const { root, locator } = parseToml(isWindows ? `\uFEFF${text.replaceAll('\n', '\r\n')}` : text);
        expect(plain(root)).toEqual(tree);
        for (const [path, value] of paths(tree)) {
          expect([text, JSON.stringify(path), locator.locate(path)]).toEqual([
            text,
            JSON.stringify(path),
            places.get(JSON.stringify(path)) ?? (Array.isArray(value) ? locator.locate(path) : undefined),
          ]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('of a key that is missing is that of its table', () => {
    const { locator } = parseToml('a = 1\n  [b.c]\n  d = 1\n');
    expect(locator.locate(['b', 'c', 'x'])).toEqual({ line: 2, column: 4 });
    expect(locator.locate(['x'])).toEqual({ line: 1, column: 1 });
  });

  it('of a table without a header is that of its first key', () => {
    const { locator } = parseToml('[a.b]\nc = 1\n[[d.e]]\n');
    expect(locator.locate(['a'])).toEqual({ line: 1, column: 2 });
    expect(locator.locate(['d', 'e', 0])).toEqual({ line: 3, column: 3 });
  });
});

/** With ordinary prototypes, as the tree has them. */
function plain(value: TomlValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function paths(value: Value, path: (string | number)[] = []): [(string | number)[], Value][] {
  const entries: [string | number, Value][] = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object'
      ? Object.entries(value)
      : [];
  return entries.flatMap(([key, item]) => [
    [[...path, key], item] as [(string | number)[], Value],
    ...paths(item, [...path, key]),
  ]);
}
