import { parseArgs } from 'node:util';

/**
 * The sizes of a benchmark: those that are asked for by `--name number`, else the full ones. Figures of full sizes are kept,
 * others only with `--record`.
 */
export function sizesFrom<T extends Readonly<Record<string, number>>>(full: T): { sizes: T; isKept: boolean } {
  const names = Object.keys(full);
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({
    options: { ...options, profile: { type: 'string' as const }, record: { type: 'boolean' as const } },
  });
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const asked = names.flatMap((name) => (given[name] === undefined ? [] : [[name, Number(given[name])] as const]));
  const wrong = asked.filter(([, value]) => !(value > 0));
  if (wrong.length > 0) throw new Error(wrong.map(([name]) => `--${name}: write a number above 0`).join('\n'));
  const isKept = (asked.length === 0 && given.profile === undefined) || given.record === true;
  return { sizes: { ...full, ...Object.fromEntries(asked) }, isKept };
}

/** The folder of `--profile`, into which the operator writes what it spends its time with. */
export function profileFolder(): string | undefined {
  const { values } = parseArgs({ options: { profile: { type: 'string' } }, strict: false });
  return typeof values.profile === 'string' ? values.profile : undefined;
}
