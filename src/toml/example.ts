import type { Example } from './verdict.ts';

/** An example as it is written in a fly.toml. */
export function toml(value: Example): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, item]) => `${name} = ${toml(item)}`)
    .join(', ')} }`;
}
