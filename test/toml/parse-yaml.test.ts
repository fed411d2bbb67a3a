import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parseYaml, YamlSyntaxError } from '../../src/toml/parse-yaml.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

function problem(text: string): string {
  try {
    parseYaml(text);
    return 'understood';
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    return `${error.position.line}:${error.position.column}: ${error.message}`;
  }
}

describe('JSON', () => {
  it('of any table is read as what it says, however it is indented', () => {
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '<<', '', 'null'));
    const isWhole = (value: unknown) => JSON.stringify(value)?.length < 10_000;
    const table = fc
      .dictionary(key, fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }))
      .filter((value) => isWhole(value) && !JSON.stringify(value).includes('null'));
    fc.assert(
      fc.property(table, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.stringify(parseYaml(text).root)).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('has a place for every key and element', () => {
    const { locator } = parseYaml('{\n  "services": [\n    { "internal_port": 1 },\n    {}\n  ]\n}\n');
    expect(locator.locate(['services'])).toEqual({ line: 2, column: 3 });
    expect(locator.locate(['services', 0, 'internal_port'])).toEqual({ line: 3, column: 7 });
    expect(locator.locate(['services', 1, 'internal_port'])).toEqual({ line: 4, column: 5 });
  });
});

describe('YAML', () => {
  it('may have been saved on Windows, and have nulls, which say nothing', () => {
    expect(parseYaml('\uFEFFa: 1\r\nb: |\r\n  x\r\n  y\r\nc:\r\nd: ~\r\n').root).toEqual({ a: 1, b: 'x\ny\n' });
    expect(parseYaml('# nothing\n').root).toEqual({});
  });

  it('may use the names of what every object has', () => {
    const { root } = parseYaml('__proto__: { x: 1 }\nconstructor: { prototype: { y: 2 } }\n');
    expect(Object.keys(root)).toEqual(['__proto__', 'constructor']);
    expect({}).not.toHaveProperty('x');
    expect({}).not.toHaveProperty('y');
  });

  it('may name a table once and use it again', () => {
    const { root, locator } = parseYaml('a: &x { p: 1, q: 2 }\nb:\n  <<: *x\n  q: 3\nc: *x\nd: { "<<": 4 }\n');
    expect(root).toEqual({ a: { p: 1, q: 2 }, b: { q: 3, p: 1 }, c: { p: 1, q: 2 }, d: { '<<': 4 } });
    expect(locator.locate(['b', 'p'])).toEqual({ line: 1, column: 9 });
  });

  it('keeps every digit of an integer', () => {
    expect(parseYaml('a: 9007199254740993\nb: 8080\nc: 0x10\n').root).toEqual({ a: 9007199254740993n, b: 8080, c: 16 });
  });

  const mistakes: [string, string][] = [
    ['a: 1\nb: 2\na: 3\n', '3:1: this key or table is already there'],
    ['{"a": 1, "a": 2}', '1:10: this key or table is already there'],
    ['a: 1\n---\nb: 2\n', '3:1: a second document; a file holds one App'],
    ['a: &x [*x]', '1:8: *x holds itself'],
    ['a: &x\n  b: { <<: *x }\n', '2:12: *x holds itself'],
    ['a: *x', '1:4: *x stands for nothing that comes before it'],
    ['- a', '1:1: the file must be a table of keys and values'],
    ['a: [1, ]\nb: [~]', '2:5: an element of a list is empty'],
    ['a: 18446744073709551616', '1:4: a number does not fit into 64 bits; write it in quotes'],
    ['? [a]\n: 1', '1:3: a key must be a string'],
    ['a: !ruby/object x', '1:4: unresolved tag: !ruby/object'],
    ['{"a": 1', '1:8: flow map must end with a }'],
    ['a:\n\tb: 1', '2:1: tabs are not allowed as indentation'],
    [`a: ${'['.repeat(100_000)}`, '1:67: nested more than 64 levels deep'],
    ['- '.repeat(100_000), '1:128: nested more than 64 levels deep'],
  ];
  it.each(mistakes.map(([text, expected]) => [expected, text]))('refuses at its place: %s', (expected, text) => {
    expect(problem(text!)).toEqual(expected);
  });

  it('cannot grow by aliases of aliases', () => {
    const levels = 'abcdefgh'.split('').map((name, i) => `${name}: &${name} [${`*${'xabcdefg'[i]}, `.repeat(9)}]`);
    expect(problem(`x: &x 1\n${levels.join('\n')}`)).toMatch(/^5:\d+: aliases bring more than 10000 values$/);
  });
});
