import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parseToml, TomlDate, TomlSyntaxError } from '../../src/toml/parse.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

function problem(text: string): string {
  try {
    parseToml(text);
    return 'understood';
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    return `${error.position.line}:${error.position.column}: ${error.message}`;
  }
}

describe('a TOML text', () => {
  it('may have been saved on Windows', () => {
    const { root } = parseToml('\uFEFF# a comment\r\na = 1 # another\r\nb = """\r\nx\r\ny"""\r\n');
    expect(root).toEqual({ a: 1, b: 'x\ny' });
  });

  it('may use the names of what every object has', () => {
    const { root } = parseToml(
      '__proto__ = 1\ntoString.x = 2\n[constructor]\ny = 3\n[[valueOf]]\n[t]\n__proto__ = { z = 4 }\n',
    );
    expect(Object.keys(root)).toEqual(['__proto__', 'toString', 'constructor', 'valueOf', 't']);
    expect(JSON.stringify(root)).toBe(
      '{"__proto__":1,"toString":{"x":2},"constructor":{"y":3},"valueOf":[{}],"t":{"__proto__":{"z":4}}}',
    );
    for (const shared of [{}, Object, Object.prototype.toString]) {
      expect(shared).not.toHaveProperty('x');
      expect(shared).not.toHaveProperty('y');
      expect(shared).not.toHaveProperty('z');
    }
  });

  it('keeps every digit of an integer', () => {
    const { root } = parseToml(
      'a = 9007199254740993\nb = -9_223_372_036_854_775_808\nc = 0xfffffffffffffff\nd = 8_080',
    );
    expect(root).toEqual({ a: 9007199254740993n, b: -(2n ** 63n), c: 0xfffffffffffffffn, d: 8080 });
    expect(problem('\na = 9223372036854775808')).toBe(
      '2:1: 9223372036854775808 does not fit into 64 bits; write it in quotes',
    );
  });

  it('keeps dates and times as they are written', () => {
    const { root } = parseToml('a = 03:30:00\nb = 1979-05-27\nc = [1979-05-27T07:32:00-07:00]\nd = 03:30:00.5 # x\n');
    const date = (text: string) => new TomlDate(text);
    expect(root).toEqual({
      a: date('03:30:00'),
      b: date('1979-05-27'),
      c: [date('1979-05-27T07:32:00-07:00')],
      d: date('03:30:00.5'),
    });
  });
});

describe('a mistake', () => {
  it.each([
    ['a = 1\na = 2\n', '2:1: this key or table is already there'],
    ['[a]\nb = 1\n\n  [a]\n', '4:4: this key or table is already there'],
    ['a.b = 1\n[a.b]\n', '2:2: this key or table is already there'],
    ['a = "x\nb = 1\n', '1:7: unterminated string'],
    ['a = """x\n', '2:1: unterminated multi-line string, but the file ends here'],
    [
      'a = \n',
      '1:5: unexpected character "\\n", expecting string, number, datetime, boolean, inline array or inline table',
    ],
    ['\nkey\n', '2:4: invalid character, expected "="'],
    ['a = 1\n%b = 2', '2:1: unexpected character "%"; a line is `key = value`, `[table]` or a comment'],
    ['a = "x" y', '1:9: unexpected character "y", expected only whitespace or comments till end of line'],
    [
      'a = yes',
      '1:5: unexpected character "y", expecting string, number, datetime, boolean, inline array or inline table',
    ],
    ['a = "\u0007"', '1:6: control characters are not allowed in strings, use \\u0007 instead'],
    ['# \u0000', '1:3: control characters are not allowed in comments, use \\u0000 instead'],
  ])('in %j has its place and its reason', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  it('has a place whatever the text is', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '=',
      '.',
      ',',
      '"',
      "'",
      '"""',
      '\\',
      '\n',
      '\r',
      '#',
      ' ',
      'a',
      '1',
      '-',
      ':',
      '\0',
      '😀',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          const lines = text.replaceAll('\r\n', '\n').split('\n');
          const [, line = '1', column = '1'] = /^(\d+):(\d+): /.exec(problem(text)) ?? [];
          expect(Number(column)).toBeLessThanOrEqual(lines[Number(line) - 1]!.length + 1);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('a hostile text', () => {
  it.each([
    ['arrays in arrays', `a = ${'['.repeat(100_000)}`, '1:70'],
    ['tables in tables', `a = ${'{a='.repeat(100_000)}`, '1:200'],
    ['a header of many names', `[${'a.'.repeat(100_000)}a]`, '1:131'],
    ['a key of many names', `${'a.'.repeat(100_000)}a = 1`, '1:130'],
    ['closing brackets', `a = ${']'.repeat(100_000)}`, '1:5'],
    ['a long number', `a = ${'1'.repeat(100_000)}`, '1:1'],
    ['white space', `${' \n'.repeat(1_000_000)}%`, '1000001:1'],
    ['escapes', `a = "${'\\"'.repeat(1_000_000)}`, '1:2000006'],
  ])('of %s gets a place', (_, text, place) => {
    expect(problem(text)).toMatch(new RegExp(`^${place}: `));
    expect(problem(text).length).toBeLessThan(200);
  });

  it('of five megabytes in one string is read', () => {
    const long = 'x'.repeat(5_000_000);
    expect(parseToml(`a = "${long}"`).root).toEqual({ a: long });
    expect(parseToml(`a = """${long}"""`).root).toEqual({ a: long });
  });
});
