import { expect, it } from 'vitest';
import { goFormat } from '../../src/toml/go-format.ts';
import { TomlDate } from '../../src/toml/parse.ts';

it.each([
  [8080, '8080'],
  [0.1, '0.1'],
  [-0, '-0'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [123456789012345, '123456789012345'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [1.7e308, '1.7e+308'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [9007199254740993n, '9007199254740993'],
  [true, 'true'],
  ['text', 'text'],
  [new TomlDate('1979-05-27'), '1979-05-27'],
  [['a', 1, [true]], '[a 1 [true]]'],
  [{ b: 1, a: 'x' }, 'map[a:x b:1]'],
])('%s is printed as Go prints it: %s', (value, expected) => {
  expect(goFormat(value)).toBe(expected);
});
