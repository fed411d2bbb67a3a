import type { JsonSchema } from '../../../src/api/structural.ts';

export type Random = () => number;

export const below = (random: Random, end: number) => Math.floor(random() * end);
export function pick<T>(random: Random, from: readonly T[]): T {
  if (from.length === 0) throw new Error('nothing to pick from');
  return from[below(random, from.length)] as T;
}

/** Somebody else's, whom nobody may reach. */
export const victim = 'victim';

/** What would mean something to somebody who takes it for more than text. */
export const attacks = [
  // Other namespaces, and names that lead out of one's own.
  ...[
    victim,
    `${victim}/web`,
    `../${victim}/secrets/keys`,
    `web.${victim}`,
    `web.${victim}.svc.cluster.local`,
    '../../etc/shadow',
  ],
  ...[
    '/var/run/secrets',
    '/proc/1/environ',
    '/',
    '..',
    '.',
    'kube-system/coredns',
    `system:serviceaccount:${victim}:default`,
  ],
  // HAProxy: another line, another directive, a variable, a Lua call.
  ...[
    'x\n  http-request return status 299',
    "'; bind *:1 #",
    '%[env(PATH)]',
    '"%[src]"',
    'lua.exec',
    "x'\\''y",
    '%%[src]',
  ],
  // A shell, a template, YAML, CEL, a header.
  ...[
    '$(touch /tmp/x)',
    '`id`',
    '; reboot',
    '$(HOME)',
    '$$(HOME)',
    '{{ .Values }}',
    '&a [*a]',
    '!!js/function',
    '<<: *a',
  ],
  ...['true || self.all(x, x.all(y, y))', 'x\r\nSet-Cookie: a=b', 'a: b\nmetadata:\n  namespace: victim'],
  // What JavaScript takes for something of its own.
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', '[object Object]'],
  // Text that is hardly text.
  ...[
    '',
    ' ',
    '\u0000',
    '\u001b[31m',
    '\u202e',
    '\ufeff',
    '\u2028',
    '😀',
    'ä',
    '-',
    '-x',
    '.x',
    'x.',
    'A',
    '*',
    '*.*',
    'a'.repeat(63),
  ],
  ...[
    'a'.repeat(64),
    'a'.repeat(254),
    `${'a.'.repeat(120)}a`,
    'x'.repeat(5000),
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
  ],
  ...[
    '0s',
    '-1s',
    '1ns',
    '999999h',
    '1h1h',
    '0x1F',
    '٣',
    '0000001',
    '1Ei',
    '1n',
    '-1Gi',
    '@every 1ns',
    '* * * * *',
    '0 0 30 2 *',
  ],
];

const numbers = [0, -1, 1, 2, 3, 80, 443, 8080, 65_535, 65_536, 1e9, 2 ** 31, 2 ** 53, -(2 ** 53), 0.5];
const plausible = [
  'web',
  'app',
  'x',
  'data',
  'hello',
  'iad',
  'fra',
  '/data',
  '/',
  '5s',
  '1m',
  '1Gi',
  '256Mi',
  '8080',
  'a.example.com',
];

function number(
  random: Random,
  { minimum = 0, maximum = 1000 }: JsonSchema & { minimum?: number; maximum?: number },
): number {
  if (random() < 0.2) return pick(random, numbers);
  return minimum + below(random, Math.min(maximum - minimum, 100_000) + 1);
}

/** A value of this schema; the strings and numbers of many break its rules. */
export function sampleOf(schema: JsonSchema, random: Random, depth = 0): unknown {
  const values = schema.enum as unknown[] | undefined;
  if (values && random() < 0.9) return pick(random, values);
  if (schema['x-kubernetes-int-or-string']) return random() < 0.5 ? number(random, schema) : '50%';
  if (schema.type === 'boolean') return random() < 0.5;
  if (schema.type === 'integer' || schema.type === 'number') return number(random, schema);
  if (schema.type === 'array') {
    const length = random() < 0.01 ? 300 : below(random, 3);
    return Array.from({ length: depth > 6 ? 0 : length }, () => sampleOf(schema.items ?? {}, random, depth + 1));
  }
  if (schema.type === 'object') return depth > 8 ? {} : objectOf(schema, random, depth);
  return random() < 0.5 ? pick(random, attacks) : pick(random, plausible);
}

function objectOf(schema: JsonSchema, random: Random, depth: number): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties } = schema as JsonSchema & { required?: string[] };
  const chosen = Object.entries(properties).filter(([name]) => required.includes(name) || random() < 0.2);
  const known = chosen.map(([name, property]) => [name, sampleOf(property, random, depth + 1)] as const);
  if (typeof additionalProperties !== 'object') return Object.fromEntries(known);
  const names = Array.from({ length: below(random, 3) }, () => pick(random, [...attacks, ...plausible]));
  return Object.fromEntries([
    ...known,
    ...names.map((name) => [name, sampleOf(additionalProperties, random, depth + 1)] as const),
  ]);
}
