import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { convert } from '../../src/toml/convert.ts';
import { formatOf } from '../../src/toml/document.ts';
import { anyTree } from './key-files.ts';
import { writeToml } from './write-toml.ts';

// Hundreds of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

it('the same file as TOML, JSON and YAML becomes the same App, with the same said about it', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const [toml, json, yaml] = [
        convert(writeToml(tree).text),
        convert(JSON.stringify(tree, null, 2), { format: 'json' }),
        convert(stringify(tree), { format: 'yaml' }),
      ].map(({ app, problems }) => {
        return { app, said: problems.map(({ code, path, message }) => `${code} ${path} ${message}`).sort() };
      });
      expect(json).toEqual(toml);
      expect(yaml).toEqual(toml);
    }),
    { numRuns: 200 },
  );
});

it.each([
  ['fly.toml', '{', 'toml'],
  ['fly.json', '', 'json'],
  ['deploy/fly.production.YML', '', 'yaml'],
  ['fly.yaml', '', 'yaml'],
  ['-', '\uFEFF\n { "app": "x" }', 'json'],
  ['-', 'app = "x"', 'toml'],
  ['fly.conf', '{}', 'json'],
])('%s with %j is read as %s', (file, text, format) => {
  expect(formatOf(file, text)).toBe(format);
});
