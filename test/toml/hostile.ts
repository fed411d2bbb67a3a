import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type Conversion, convert } from '../../src/toml/convert.ts';
import type { Format } from '../../src/toml/document.ts';
import { parseToml } from '../../src/toml/parse.ts';
import { patchApps } from '../../src/toml/patch.ts';
import type { Problem } from '../../src/toml/report.ts';

export interface HostileFile {
  readonly text: string;
  readonly format: Format;
}

const golden = fileURLToPath(new URL('../golden/', import.meta.url));

/** The golden files in each format. */
export function originals(): HostileFile[] {
  return readdirSync(golden).flatMap((name): HostileFile[] => {
    const text = readFileSync(`${golden}${name}/fly.toml`, 'utf8');
    const { root } = parseToml(text);
    const tree = JSON.parse(JSON.stringify(root, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
    return [
      { text, format: 'toml' },
      { text: JSON.stringify(tree, null, 2), format: 'json' },
      { text: stringify(tree), format: 'yaml' },
    ];
  });
}

const fragments = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'services', 'false', 'null', '""', '~'],
  ...[
    '[constructor]\n',
    '[__proto__]\nx = 1\n',
    '[[services]]\n',
    'a.__proto__.b = 1\n',
    'remove = true\n',
    '__proto__: {x: 1}\n',
  ],
  ...['99999999999999999999999', '-1', '1e999', '0x7fffffffffffffff', '-9223372036854775808', 'nan', 'inf', '.inf'],
  ...['&a ', '*a', '<<: *a\n', '- ', '? ', ': ', '!!binary ', '!x ', '---\n', '...\n', '%YAML 1.1\n', '|\n', '>-\n'],
  ...['[', ']', '{', '}', '"', "'", '"""', "'''", '=', ',', '.', '#', '\\', '\\u0000', '\\ud800', '\\UFFFFFFFF'],
  ...['\0', '\x1b[31m', '\x7f', '\r', '\n', '\t', '\u0085', '\u2028', '\u202e', '\ufeff', '\ud800', '😀'],
  ...['1979-05-27', '03:30:00', '<YOUR APP>', '{{name}}', '$APP'],
];

/** A file with a few changes that a person or an attacker could make. */
export function mutated({ text, format }: HostileFile, random: () => number): HostileFile {
  const below = (end: number) => Math.floor(random() * end);
  const changes: ((text: string, at: number) => string)[] = [
    (text, at) => text.slice(0, at) + fragments[below(fragments.length)] + text.slice(at),
    (text, at) => text.slice(0, at) + text.slice(at + 1 + below(20)),
    (text, at) => text.slice(0, at) + fragments[below(fragments.length)] + text.slice(at + 1 + below(8)),
    (text, at) => text.slice(0, at),
    (text, at) => text.slice(0, at) + text.slice(at, at + 80).repeat(1 + below(30)) + text.slice(at),
    (text, at) => text.slice(0, at) + (fragments[below(fragments.length)] ?? '').repeat(below(300)) + text.slice(at),
    (text, at) => swapLines(text.split('\n'), below, at),
    (text) => text.replace(/[\w"']+(?=\s*[\n,}\]])/g, (value) => (below(20) ? value : fragments[below(30)]!)),
  ];
  let changed = text;
  for (let left = 1 + below(4); left > 0; left--) {
    changed = changes[below(changes.length)]!(changed, below(changed.length + 1));
  }
  return { text: changed, format };
}

function swapLines(lines: string[], below: (end: number) => number, at: number): string {
  const [one, other] = [at % lines.length, below(lines.length)];
  [lines[one], lines[other]] = [lines[other]!, lines[one]!];
  return lines.join('\n');
}

const long = 'x'.repeat(5_000_000);
const deep = (open: string) => open.repeat(100_000);

/** Files that are each made for one weakness. */
export const attacks: Readonly<Record<string, HostileFile>> = {
  'a long string in TOML': { text: `app = "${long}"`, format: 'toml' },
  'a long string without an end in TOML': { text: `app = "${long}`, format: 'toml' },
  'a long key in TOML': { text: `${long} = 1`, format: 'toml' },
  'a long value that must be a word': { text: `kill_signal = "${long}"`, format: 'toml' },
  'a long number': { text: `a = ${'9'.repeat(1_000_000)}`, format: 'toml' },
  'a long string in JSON': { text: `{"app": "${long}"}`, format: 'json' },
  'a long string in YAML': { text: `app: ${long}`, format: 'yaml' },
  'a long block in YAML': { text: `env:\n  A: |\n${'    x\n'.repeat(100_000)}`, format: 'yaml' },
  'deep lists in TOML': { text: `a = ${deep('[')}`, format: 'toml' },
  'deep tables in TOML': { text: `a = ${deep('{a=')}`, format: 'toml' },
  'deep names in TOML': { text: `[${deep('a.')}a]`, format: 'toml' },
  'deep lists in JSON': { text: deep('['), format: 'json' },
  'deep tables in JSON': { text: deep('{"a":'), format: 'json' },
  'deep lists in YAML': { text: deep('- '), format: 'yaml' },
  'deep keys in YAML': { text: deep('? '), format: 'yaml' },
  'an alias of itself': { text: 'a: &a [*a]', format: 'yaml' },
  'a table that merges itself': { text: 'a: &a\n  <<: *a\n  b: *a', format: 'yaml' },
  'aliases of aliases': {
    text: [...'bcdefghij'].map((name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]},`.repeat(9)}]`).join('\n'),
    format: 'yaml',
  },
  'aliases of aliases that begin somewhere': {
    text: `a: &a 1\n${[...'bcdefghij'].map((name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]},`.repeat(9)}]`).join('\n')}`,
    format: 'yaml',
  },
  'many merges of one table': {
    text: `a: &a {${deep('b: 1, ').slice(0, 6000)}}\n<<: [${'*a,'.repeat(5000)}]`,
    format: 'yaml',
  },
  'many unknown keys': {
    text: Array.from({ length: 40_000 }, (_, i) => `key_number_${i} = 1`).join('\n'),
    format: 'toml',
  },
  'the prototype as a table in TOML': { text: '[constructor.prototype]\nx = 1\n[__proto__]\ny = 2', format: 'toml' },
  'the prototype as a table in JSON': {
    text: '{"__proto__": {"x": 1}, "constructor": {"prototype": {"y": 1}}}',
    format: 'json',
  },
  'nothing but NULs': { text: '\0'.repeat(10_000), format: 'toml' },
  nothing: { text: '', format: 'yaml' },
};

const properties = Reflect.ownKeys(Object.prototype).join();

/** Converts a file, alone or in another place, and says what must never be: undefined when all is well. */
export function weakness({ text, format }: HostileFile, as: 'file' | 'overlay' | 'patch' = 'file'): string | undefined {
  try {
    const found = outcomes[as]({ text, format });
    if (Reflect.ownKeys(Object.prototype).join() !== properties) return 'the prototype of objects has changed';
    if (found.isLost) return 'neither an App nor an error';
    const lines = text.split(/\r\n|\n/);
    return found.problems.map((problem) => misplaced(problem, lines)).find((wrong) => wrong !== undefined);
  } catch (error) {
    return `a crash: ${(error as Error).stack}`;
  }
}

const base = readFileSync(`${golden}overlays/fly.toml`, 'utf8');
const patchHead = 'kind: App\nmetadata: { name: shop }\n';

interface Found {
  readonly problems: readonly Problem[];
  readonly isLost: boolean;
}

const outcomes: Readonly<Record<'file' | 'overlay' | 'patch', (file: HostileFile) => Found>> = {
  file: ({ text, format }) => foundIn(convert(text, { format, image: 'x:1' })),
  overlay({ text, format }) {
    const found = foundIn(convert(base, { overlays: [{ file: `overlay.${format}`, text }] }));
    return { ...found, problems: found.problems.filter(({ file }) => file !== undefined) };
  },
  patch({ text }) {
    const { app } = convert(base);
    const patches = [text, `${patchHead}spec:\n${text.replace(/^(?!---)/gm, '  ')}`];
    const found = patches.map((patch) => patchApps(app ? [app] : [], [{ file: 'patch.yaml', text: patch }]));
    const isLost = found.some(({ apps, problems }) => apps.length === 0 && problems.length === 0);
    return { problems: found[0]!.problems, isLost };
  },
};

function foundIn({ app, problems }: Conversion): Found {
  return { problems, isLost: !app && !problems.some(({ severity }) => severity === 'error') };
}

function misplaced({ line, column, message }: Problem, lines: readonly string[]): string | undefined {
  const isThere = line >= 1 && column >= 1 && line <= lines.length && column <= (lines[line - 1] ?? '').length + 1;
  if (!isThere) return `${line}:${column} is no place of the file: ${message}`;
  if (message.length > 1000) return `a message of ${message.length} characters`;
  return /\bat .+:\d+:\d+\)?$/m.test(message) ? `a stack trace: ${message}` : undefined;
}
