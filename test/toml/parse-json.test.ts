import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convert } from '../../src/toml/convert.ts';
import { jsonMistake } from '../../src/toml/scan-json.ts';

describe('broken JSON is told in the words of JSON', () => {
  it.each([
    ['', '1:1 a value is a string in double quotes, a number, true, false, null, {…} or […], but the file ends here'],
    ['{"app": }', '1:9 a value is a string in double quotes, a number, true, false, null, {…} or […], not "}"'],
    ['{"app": tru}', '1:9 a value is a string in double quotes, a number, true, false, null, {…} or […], not "t"'],
    ['{"app": 012}', '1:9 a value is a string in double quotes, a number, true, false, null, {…} or […], not "0"'],
    ['{\r\n  "app": "x",\r\n}', '2:13 no comma may stand before "}"'],
    ['{"app": "x"', '1:12 "," or "}" must come next, but the file ends here'],
    ['{"app": "x"\n "env": {}}', '2:2 "," or "}" must come next, not "\\""'],
    ["{'app': 1}", '1:2 a key must be in double quotes, not "\'"'],
    ['\uFEFF{"app" "x"}', '1:8 ":" must come behind a key, not "\\""'],
    ['{"app": "x\n"}', '1:9 this string does not end on its line'],
    ['{"app": "a\tb"}', '1:11 a string has no control characters in it; write them as "\\u0000", not "\\t"'],
    ['{"app": "\\q"}', '1:10 no such escape; write a backslash as "\\\\", not "\\\\"'],
    ['// hello\n{}', '1:1 JSON has no comments'],
    ['{} {}', '1:4 the file must end behind its first value, not "{"'],
    ['[1]', '1:1 the file must be a table of keys and values'],
    ['{"app": 1, "app": 2}', '1:12 this key or table is already there'],
  ])('%j', (text, expected) => {
    const { app, problems } = convert(text, { format: 'json' });
    expect(app).toBeUndefined();
    expect(problems.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`)).toEqual([
      `AF025 ${expected}`,
    ]);
  });

  it('where JSON.parse refuses it, and nowhere else', () => {
    const change = fc.record({
      at: fc.nat(),
      by: fc.constantFrom('', ',', '"', '\\', '}', ']', ':', '1', '-', 't', '\n'),
    });
    fc.assert(
      fc.property(fc.json(), change, fc.boolean(), (json, { at, by }, isNew) => {
        const offset = at % (json.length + 1);
        const text = json.slice(0, offset) + by + json.slice(offset + (isNew ? 0 : 1));
        expect([text, jsonMistake(text) === undefined]).toEqual([text, isJson(text)]);
      }),
      { numRuns: 3000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
