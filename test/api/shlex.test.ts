import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shlex } from '../../src/api/shlex.ts';

it.each([
  ['', []],
  ['  \t\n ', []],
  ['bin/server', ['bin/server']],
  [' a  b\tc\nd ', ['a', 'b', 'c', 'd']],
  ['echo "two words" \'and $HOME\'', ['echo', 'two words', 'and $HOME']],
  ['a"b c"d\'e f\'', ['ab cde f']],
  ['"" \'\'', ['', '']],
  ['a\\ b "c\\"d" \'e\\f\'', ['a b', 'c"d', 'e\\f']],
  ['"\\n"', ['n']],
  ['a # b c', ['a']],
  ['a#b "#c" #d\ne', ['a#b', '#c', 'e']],
  ['sh -c "exec app && true"', ['sh', '-c', 'exec app && true']],
])('a command %j has the words of google/shlex', (command, words) => {
  expect(shlex(command)).toEqual(words);
});

it.each([
  ['a "b', 'has a " without an end'],
  ["a 'b", "has a ' without an end"],
  ['a "b\\"', 'has a " without an end'],
  ['a \\', 'ends in a backslash'],
])('a command %j is refused', (command, message) => {
  expect(() => shlex(command)).toThrow(message);
});

it('words that are quoted in any way come back as they were', () => {
  const quote = (word: string, style: number) => {
    if (style === 0 && !word.includes("'")) return `'${word}'`;
    if (style === 1) return `"${word.replace(/["\\]/g, '\\$&')}"`;
    return word === '' ? '""' : [...word].map((char) => `\\${char}`).join('');
  };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: fc.constantFrom(...'ab "\'\\#\n😀') }), fc.nat(2))), (words) => {
      const command = words.map(([word, style]) => quote(word, style)).join(' ');
      expect(shlex(command)).toEqual(words.map(([word]) => word));
    }),
  );
});
