import { toml } from '../toml/example.ts';
import type { KeyNode } from '../toml/key-tree.ts';
import { keys, olderTables } from '../toml/keys.ts';
import type { Example, Key } from '../toml/verdict.ts';
import type { Paint } from './terminal.ts';

const colours = {
  converted: 'green',
  'converted approximately': 'yellow',
  'not needed': 'cyan',
  'not supported': 'red',
} as const;

/** The verdict of a key, with an example; or of what is `inside` it. */
export function keyText(pattern: string, key: Key, paint: Paint, inside?: string): string {
  const lines = exampleOf(pattern, key.examples[0]).map((line) => `  ${line}\n`);
  const title = inside ? `${paint('bold', `${pattern}.${inside}`)}, as all of ${pattern}` : paint('bold', pattern);
  return `${title}\n  ${verdictText(key, paint)}\n\n${lines.join('')}`;
}

function verdictText(key: Key, paint: Paint): string {
  const verdict = paint(colours[key.verdict], key.verdict);
  switch (key.verdict) {
    case 'converted':
      return `${verdict} to ${key.to}${key.or ? ` or ${key.or}` : ''}${key.isRequired ? '; required' : ''}`;
    case 'converted approximately':
      return `${verdict} to ${key.to}: ${key.how}`;
    case 'not needed':
      return `${verdict}: ${key.why}`;
    case 'not supported':
      return `${verdict}: ${key.instead}`;
  }
}

/** How it looks in a file: the header of the table, and the line. */
function exampleOf(pattern: string, example: Example): string[] {
  if (pattern.endsWith('[]') && typeof example === 'object' && !Array.isArray(example)) {
    return [header(pattern), ...Object.entries(example).map(([name, value]) => `${name} = ${toml(value)}`)];
  }
  const dot = pattern.lastIndexOf('.');
  const line = `${named(pattern.slice(dot + 1).replace('[]', ''))} = ${toml(example)}`;
  return dot < 0 ? [line] : [header(pattern.slice(0, dot)), line];
}

function header(pattern: string): string {
  const names = named(pattern.replaceAll('[]', ''));
  return pattern.endsWith('[]') ? `[[${names}]]` : `[${names}]`;
}

const named = (pattern: string): string => pattern.replaceAll('<name>', 'NAME');

/** The keys in a table; empty for what is none. */
export function tableText({ pattern, key, below }: KeyNode, paint: Paint): string {
  const newer = olderTables[pattern] ?? olderTables[`${pattern}[]`];
  const own = newer && keysIn(pattern).length === 0 ? newer : pattern;
  const inside = keysIn(own);
  if (below.size === 0 || inside.length === 0) return '';
  const label = own === pattern ? '' : `, an older form of ${header(newer ?? '')}`;
  const title = key ? 'Or a table with these keys:' : `${paint('bold', header(tableOf(pattern)))}${label}`;
  const rows = inside.map(([name, item]): [string, string] => [name, verdictText(item, paint)]);
  return `${title}\n${columns(rows)}`;
}

/** Where both forms are known, the one without an array is what is written today. */
function tableOf(pattern: string): string {
  const known = Object.keys(keys);
  if (known.some((name) => name.startsWith(`${pattern}.`))) return pattern;
  const isArray = `${pattern}[]` in olderTables || known.some((name) => name.startsWith(`${pattern}[]`));
  return isArray ? `${pattern}[]` : pattern;
}

/** Their names within the table. */
function keysIn(table: string): [string, Key][] {
  const start = table.replace(/\[\]$/, '');
  return Object.entries(keys).flatMap(([pattern, key]) => {
    const name = pattern.startsWith(start) ? /^(?:\[\])?\.(.+)$/.exec(pattern.slice(start.length))?.[1] : undefined;
    return name ? [[name, key]] : [];
  });
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('');
}

/** The whole file: the keys at its top, and its sections. */
export function sectionsText(paint: Paint): string {
  const groups = Map.groupBy(Object.entries(keys), ([pattern]) => /^\w+(?=[.[])/.exec(pattern)?.[0] ?? '');
  const top = (groups.get('') ?? []).map(([name, key]): [string, string] => [name, verdictText(key, paint)]);
  const tables = [...groups].filter(([name]) => name);
  const rows = tables.map(([name, { length }]): [string, string] => {
    return [header(tableOf(name)), length === 1 ? '1 key' : `${length} keys`];
  });
  const title = (text: string) => paint('bold', text);
  return `${title('At the top')}\n${columns(top)}\n${title('Sections')}, whose keys \`airfield explain <section>\` lists\n${columns(rows)}`;
}
