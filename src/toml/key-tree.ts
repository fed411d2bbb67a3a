import { keys, olderTables } from './keys.ts';
import type { Path } from './path.ts';
import type { Key } from './verdict.ts';

/** A key or table of fly.toml, and what may be in it. */
export interface KeyNode {
  readonly pattern: string;
  readonly key: Key | undefined;
  readonly below: Map<string, KeyNode>;
}

const root = grow();

/** The key or table at a path, in any case of its letters; undefined where there is none. */
export function keyAt(path: Path): KeyNode | undefined {
  let node: KeyNode | undefined = root;
  for (const part of path) node = node && step(node, part);
  return node;
}

/** The names that keys of a table may have. */
export function namesIn({ below }: KeyNode): string[] {
  const own = [...below.keys()].filter((name) => name !== '[]' && name !== '<name>');
  const element = below.get('[]');
  return element ? [...own, ...namesIn(element)] : own;
}

/** The tables that have a key of a name, by that name; empty for the top of the file. */
export const tablesByName: ReadonlyMap<string, readonly string[]> = new Map(
  [...Map.groupBy(Object.keys(keys), nameOf)]
    .filter(([name]) => name !== '<name>')
    .map(([name, patterns]) => [
      name,
      patterns.map((pattern) => pattern.slice(0, Math.max(0, pattern.lastIndexOf('.')))),
    ]),
);

/** The last name of a pattern: `handlers` of `services[].ports[].handlers`. */
export function nameOf(pattern: string): string {
  return pattern.slice(pattern.lastIndexOf('.') + 1).replace('[]', '');
}

function step(node: KeyNode, part: string | number): KeyNode | undefined {
  const element = node.below.get('[]');
  if (typeof part === 'number') return element ?? node;
  return node.below.get(part.toLowerCase()) ?? node.below.get('<name>') ?? (element && step(element, part));
}

function grow(): KeyNode {
  const tree = { pattern: '', key: undefined, below: new Map() };
  for (const pattern of Object.keys(keys)) nodeFor(tree, pattern);
  for (const [older, newer] of Object.entries(olderTables)) {
    const { below } = nodeFor(tree, older);
    for (const [name, node] of nodeFor(tree, newer).below) if (name !== '[]' && !below.has(name)) below.set(name, node);
  }
  return tree;
}

function nodeFor(tree: KeyNode, pattern: string): KeyNode {
  return pattern
    .replaceAll('[]', '.[]')
    .split('.')
    .reduce((node, name) => {
      const path = name === '[]' || !node.pattern ? node.pattern + name : `${node.pattern}.${name}`;
      const next = node.below.get(name) ?? { pattern: path, key: keys[path], below: new Map() };
      node.below.set(name, next);
      return next;
    }, tree);
}
