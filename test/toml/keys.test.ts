import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type ConvertOptions, convert } from '../../src/toml/convert.ts';
import { keyAt } from '../../src/toml/key-tree.ts';
import { keys } from '../../src/toml/keys.ts';
import { parseToml, TomlDate, type TomlValue } from '../../src/toml/parse.ts';
import { type Path, pathText, valueAt } from '../../src/toml/path.ts';
import { Section } from '../../src/toml/section.ts';
import type { Example, Key } from '../../src/toml/verdict.ts';
import { anyTree, treeOf } from './key-files.ts';
import { type Tree, type Value, writeToml } from './write-toml.ts';

// Thousands of conversions, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const codesOf: Readonly<Record<Key['verdict'], string[]>> = {
  converted: [],
  'converted approximately': [],
  'not needed': ['AF022'],
  'not supported': ['AF012'],
};
/** A remark on how a value is converted, not on whether it is. */
const onTheWay = ['AF015', 'AF016', 'AF020', 'AF027'];

describe('the verdict is true of', () => {
  const cases = Object.entries(keys).flatMap(([pattern, key]) =>
    key.examples.map((value) => ({ pattern, key, value })),
  );

  it.each(cases.map((entry) => ({ ...entry, name: `${entry.pattern} = ${JSON.stringify(entry.value)}` })))(
    '$name',
    ({ pattern, key, value }) => {
      const tree = treeOf([[pattern, value]]);
      const { app, problems } = convert(writeToml(tree).text);
      expect(problems.map(({ code }) => code).filter((code) => !onTheWay.includes(code))).toEqual(codesOf[key.verdict]);
      const isWritten = !saysNothing(pattern, value);
      const without = convert(writeToml(withoutKey(tree, pattern)).text).app;
      if (without && !('to' in key)) expect(app).toEqual(without);
      if ('to' in key) expect([key.to, isWritten && !hasField(app, key.to)]).toEqual([key.to, false]);
    },
  );
});

describe('the list of keys', () => {
  it('has every key that a section asks for, and a section asks for every key that it calls converted', () => {
    const spelling = vi.spyOn(Section.prototype, 'spelling');
    for (const [pattern, { examples }] of Object.entries(keys))
      convert(writeToml(treeOf([[pattern, examples[0]]])).text);
    const asked = spelling.mock.calls.map(([key], call) => [
      ...(spelling.mock.contexts[call] as unknown as Section).path,
      key,
    ]);
    spelling.mockRestore();
    expect(asked.filter((path) => !keyAt(path)).map(pathText)).toEqual([]);
    const patterns = new Set(asked.map((path) => keyAt(path)?.pattern));
    const converted = Object.entries(keys).filter(([, key]) => 'to' in key);
    // Headers are read as a whole.
    const unread = converted.filter(
      ([pattern]) => !patterns.has(pattern.replace(/headers(\.<name>|\[]\.\w+)$/, 'headers')),
    );
    expect(unread.map(([pattern]) => pattern)).toEqual([]);
  });
});

describe('nothing is lost in silence', () => {
  it('every key of any valid file is in a problem or in a source', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const { app, problems, sources } = convert(writeToml(tree).text);
        expect([problems.filter(({ severity }) => severity === 'error'), app === undefined]).toEqual([[], false]);
        const isSpokenOf = (name: string) => problems.some(({ path }) => isAbout(path, name));
        const isSource = (name: string) => sources.some(({ path }) => path === name);
        const names = leavesOf(tree).map(keyOf).map(pathText);
        expect(names.filter((name) => !isSpokenOf(name) && !isSource(name))).toEqual([]);
        const fields = sources.flatMap((source) => source.fields);
        expect(fields.filter((field) => valueAt(app, field) === undefined)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('the fields that a source names come from it', () => {
    fc.assert(
      fc.property(anyTree, fc.nat(), (tree, at) => {
        const { sources, app } = convert(writeToml(tree).text);
        const { path, fields } = sources[at % sources.length]!;
        const leaf = leavesOf(tree).find((leaf) => pathText(keyOf(leaf)) === path)!;
        const others = othersOf(leaf).map((other) => convert(writeToml(replaced(tree, leaf, other)).text));
        const valid = others.flatMap((other) => (other.app ? [other.app] : []));
        const isFrom = (field: Path) =>
          valid.length < others.length ||
          valid.some((other) => !isDeepStrictEqual(valueAt(other, field), valueAt(app, field)));
        expect([path, fields.filter((field) => !isFrom(field))]).toEqual([path, []]);
      }),
      { numRuns: 1000 },
    );
  });

  it('every key of any valid file is spoken of, or the App would be another one without it', () => {
    fc.assert(
      fc.property(anyTree, fc.nat(), (tree, at) => {
        const leaves = leavesOf(tree);
        const leaf = leaves[at % leaves.length]!;
        expect([pathText(leaf), isLost(tree, leaf)]).toEqual([pathText(leaf), false]);
      }),
      { numRuns: 1000 },
    );
  });

  const golden = fileURLToPath(new URL('../golden/', import.meta.url));
  it.each(readdirSync(golden))('no key of the example %s', (name) => {
    const tree = plain(parseToml(readFileSync(`${golden}${name}/fly.toml`, 'utf8')).root) as Tree;
    const options = convert(writeToml(tree).text).app ? {} : { image: 'x:1' };
    const lost = leavesOf(tree).filter((leaf) => isLost(tree, leaf, options));
    expect(lost.map(pathText)).toEqual([]);
  });
});

type Leaf = (string | number)[];

function isLost(tree: Tree, leaf: Leaf, options: ConvertOptions = {}): boolean {
  const before = outcome(tree, options);
  const name = pathText(leaf);
  if (before.about.some((path) => isAbout(path, name))) return false;
  // What goes without saying is not in the App; another value would be.
  return othersOf(leaf).every((other) => outcome(replaced(tree, leaf, other), options).text === before.text);
}

/** Whether a path is that of a key, or of what it is in. */
function isAbout(path: string, name: string): boolean {
  return path !== '' && (name === path || name.startsWith(`${path}.`) || name.startsWith(`${path}[`));
}

/** Values that a key could have instead, none first. */
function othersOf(leaf: Leaf): (Example | undefined)[] {
  const { pattern = '', key } = keyAt(leaf) ?? {};
  return [undefined, ...(/processes(\[]\.name)?$/.test(pattern) ? ['gone'] : (key?.examples ?? []))];
}

/** The key that a value is of: that of the file which is not in a value of another one. */
function keyOf(leaf: Leaf): Leaf {
  const depth = leaf.findIndex((_, index) => {
    const { key, below } = keyAt(leaf.slice(0, index + 1)) ?? {};
    return key && below?.size === 0;
  });
  return depth < 0 ? leaf : leaf.slice(0, depth + 1);
}

function outcome(tree: Tree, options: ConvertOptions): { text: string; about: string[] } {
  const { app, problems } = convert(writeToml(tree).text, options);
  const said = problems.map(({ path, code, message }) => [path, code, message]);
  return { text: JSON.stringify([app, said]), about: problems.map(({ path }) => path).filter((path) => path !== '') };
}

function replaced(tree: Tree, leaf: Leaf, value: Example | undefined): Tree {
  const copy = structuredClone(tree);
  const table = leaf.slice(0, -1).reduce((part: Value, key) => (part as Tree)[key]!, copy) as Tree;
  if (value === undefined) delete table[leaf.at(-1)!];
  else table[leaf.at(-1)!] = structuredClone(value) as Value;
  return copy;
}

function withoutKey(tree: Tree, pattern: string): Tree {
  const paths = leavesOf(tree).flatMap((leaf) => leaf.map((_, index) => leaf.slice(0, index + 1)));
  const path = paths.find((found) => keyAt(found)?.pattern === pattern.replace(/\[]$/, ''));
  return path ? replaced(tree, path, undefined) : tree;
}

/** Every key that has a value, with lists as values; an empty one says nothing. */
function leavesOf(value: Value, path: Leaf = []): Leaf[] {
  if (typeof value !== 'object') return [path];
  const isList = Array.isArray(value) && !(value.length > 0 && value.every((item) => typeof item === 'object'));
  if (isList) return value.length > 0 ? [path] : [];
  const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return parts.flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

/** `false` where an App says nothing of what is false. */
function saysNothing(pattern: string, value: Example): boolean {
  return value === false && /(force_https|scheduled_snapshots)$/.test(pattern);
}

/** Whether a field like `spec.services[].ports[].port` is anywhere in the App. */
function hasField(value: unknown, pattern: string): boolean {
  const [, name = '', rest = ''] = /^(\[]|[^.[]+)\.?(.*)$/.exec(pattern) ?? [];
  if (pattern === '') return value !== undefined;
  if (typeof value !== 'object' || value === null) return false;
  if (name === '[]' || name === '<name>') return Object.values(value).some((item) => hasField(item, rest));
  return hasField((value as Record<string, unknown>)[name], rest);
}

/** A parsed file as a tree that can be written again. */
function plain(value: TomlValue): Value {
  if (value instanceof TomlDate) return value.text;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return value as Value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
