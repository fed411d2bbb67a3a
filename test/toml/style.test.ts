import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { convert } from '../../src/toml/convert.ts';
import { renderYaml } from '../../src/toml/render.ts';
import { anyTree } from './key-files.ts';
import { type Tree, type Value, writeToml } from './write-toml.ts';

// Hundreds of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Tables whose keys are names, which an App has in the order of the file. */
const named = /^(env|processes|checks|headers)$/;

const style = fc.record({
  choices: fc.array(fc.nat(5), { minLength: 1, maxLength: 40 }),
  isWindows: fc.boolean(),
  hasMark: fc.boolean(),
  isReversed: fc.boolean(),
});

it('the App is the same, byte by byte, in whatever style and order its file is written', () => {
  fc.assert(
    fc.property(anyTree, style, (tree, { choices, isWindows, hasMark, isReversed }) => {
      let calls = 0;
      const choose = (options: number) => choices[calls++ % choices.length]! % options;
      const { text } = writeToml(isReversed ? (reversed(tree) as Tree) : tree, choose);
      const windows = isWindows ? text.replaceAll('\n', '\r\n') : text;
      expect(outcome(hasMark ? `\uFEFF${windows}` : windows)).toEqual(outcome(writeToml(tree).text));
    }),
    { numRuns: 500 },
  );
});

function outcome(text: string): object {
  const { app, problems, sources } = convert(text);
  const said = problems.map(({ code }) => code);
  const became = sources.map(({ path, fields }) => `${path} ${JSON.stringify(fields)}`);
  return { yaml: app && renderYaml(app), said: said.sort(), became: became.sort() };
}

function reversed(value: Value, name = ''): Value {
  if (Array.isArray(value)) return value.map((item) => reversed(item, name));
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, item]): [string, Value] => [key, reversed(item, key)]);
  return Object.fromEntries(named.test(name) ? entries : entries.reverse());
}
