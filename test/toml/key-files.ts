import fc from 'fast-check';
import { keys } from '../../src/toml/keys.ts';
import type { Example } from '../../src/toml/verdict.ts';
import type { Tree, Value } from './write-toml.ts';

/** A key of `keys` and the value that it has in a file. */
export type Choice = readonly [pattern: string, value: Example];

/** Names for `<name>`; all others are `X-Test`. */
const names: Readonly<Record<string, string>> = { processes: 'app', checks: 'up', env: 'LOG_LEVEL' };

/** Keys that say nothing alone. Whole tables are completed with what is `isRequired` in them. */
const partners: readonly (readonly [pattern: RegExp, partner: string])[] = [
  [/^mounts\[]\.auto_extend_size_(increment|limit)$/, 'mounts[].auto_extend_size_threshold'],
  [/^mounts\[]\.auto_extend_size_(threshold|limit)$/, 'mounts[].auto_extend_size_increment'],
  [/^processes\[]\.command$/, 'processes[].name'],
  [/^experimental\.metrics_path$/, 'experimental.metrics_port'],
  [/^services\[]\.ports\[]\.start_port$/, 'services[].ports[].end_port'],
  [/^services\[]\.ports\[]\.end_port$/, 'services[].ports[].start_port'],
  [/^services\[]\.ports\[]\.force_https$/, 'services[].ports[].handlers'],
  [/^services\[]\.ports\[]\.(?!port$|start_port$|end_port$)/, 'services[].ports[].port'],
  [/^checks\./, 'checks.<name>.port'],
  [/^vm\[]\.gpu_kind$/, 'vm[].size'],
  [/^deploy\.release_command_vm\.gpu_kind$/, 'deploy.release_command_vm.size'],
  [/^files\[]\.(guest_path|processes)$/, 'files[].raw_value'],
];

/** A fly.toml that is valid and has these keys, the first ones of those that exclude each other. */
export function treeOf(choices: readonly Choice[]): Tree {
  const root: Tree = { app: 'hello', build: { image: 'x:1' } };
  for (const [pattern, value] of choices) add(root, pattern, value);
  return root;
}

function add(root: Tree, pattern: string, value: Example): void {
  if (excludes(root, pattern) || !put(root, pattern, structuredClone(value) as Value)) return;
  if (pattern === 'checks[].name') Object.assign((root.checks as Tree[])[0]!, { type: 'tcp', port: 9090 });
  for (const [of, partner] of partners) if (of.test(pattern)) complete(root, partner);
  const tables = pattern.split('.').map((_, length, parts) => parts.slice(0, length).join('.'));
  for (const [other, { isRequired }] of Object.entries(keys)) {
    const table = other.replace(/\.[^.]+$/, '');
    if (isRequired && table !== other && tables.includes(table)) complete(root, other);
  }
}

function complete(root: Tree, pattern: string): void {
  if (!has(root, pattern)) add(root, pattern, keys[pattern]!.examples[0]);
}

/** A port is one port or a range, and a file has one source. */
function excludes(root: Tree, pattern: string): boolean {
  if (/\.(start|end)_port$/.test(pattern)) return has(root, 'services[].ports[].port');
  if (pattern === 'files[].raw_value' && has(root, 'files[].guest_path')) {
    return has(root, 'files[].secret_name') || has(root, 'files[].local_path');
  }
  return pattern === 'services[].ports[].port' && has(root, 'services[].ports[].start_port');
}

function has(root: Tree, pattern: string): boolean {
  const { table, key } = walk(root, pattern, false) ?? {};
  return table !== undefined && key !== undefined && key in table;
}

/** False where something of another form is in the way, such as a list where a table would be. */
function put(root: Tree, pattern: string, value: Value): boolean {
  const { table, key } = walk(root, pattern, true) ?? {};
  if (!table || key === undefined) return false;
  if (table[key] !== undefined && (typeof table[key] === 'object' || typeof value === 'object')) return false;
  table[key] = value;
  return true;
}

function walk(root: Tree, pattern: string, isNew: boolean): { table: Tree; key: string } | undefined {
  const whole = pattern.endsWith('[]');
  const parts = (whole ? pattern.slice(0, -2) : pattern).split('.');
  let table = root;
  for (const [depth, part] of parts.entries()) {
    const name = part.replace('[]', '');
    const key = name === '<name>' ? (names[parts[depth - 1]!] ?? 'X-Test') : name;
    if (depth === parts.length - 1) return { table, key };
    const next = part.endsWith('[]') ? elementOf(table, key, isNew) : tableOf(table, key, isNew);
    if (!next) return undefined;
    table = next;
  }
  return undefined;
}

function tableOf(table: Tree, key: string, isNew: boolean): Tree | undefined {
  if (isNew) table[key] ??= {};
  const found = table[key];
  return typeof found === 'object' && !Array.isArray(found) ? found : undefined;
}

function elementOf(table: Tree, key: string, isNew: boolean): Tree | undefined {
  if (isNew) table[key] ??= [{}];
  const found = table[key];
  const [first] = Array.isArray(found) ? found : [];
  return typeof first === 'object' && !Array.isArray(first) ? (first as Tree) : undefined;
}

const choice: fc.Arbitrary<Choice> = fc
  .constantFrom(...Object.entries(keys))
  .chain(([pattern, { examples }]) => fc.constantFrom(...examples).map((value): Choice => [pattern, value]));

/** Any valid fly.toml that is made of keys that flyctl knows, in spellings of any year. */
export const anyTree: fc.Arbitrary<Tree> = fc
  .tuple(fc.uniqueArray(choice, { selector: ([pattern]) => pattern, maxLength: 40 }), fc.nat(2))
  .map(([choices, age]) => aged(treeOf(choices), age));

function aged(tree: Tree, age: number): Tree {
  if (age === 0) return tree;
  const older: Readonly<Record<string, string>> = {
    mounts: 'mount',
    vm: age === 1 ? 'compute' : 'computes',
    metrics: 'metric',
  };
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [older[key] ?? key, single(key, value)]));
}

/** Where it may be, an array of one table is written as that table, and [env] as an array. */
function single(key: string, value: Value): Value {
  if (key === 'env') return [value];
  return ['mounts', 'vm', 'metrics', 'services', 'restart'].includes(key) && Array.isArray(value) ? value[0]! : value;
}
