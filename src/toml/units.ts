import { formatBytes } from '../api/quantity.ts';
import { signal } from '../api/scalars.ts';
import { type Section, typeName } from './section.ts';

/** What a number without a unit means in a field, as flyctl's patches.go reads it. */
export type BareUnit = 'seconds' | 'milliseconds';

/** Longest first, so that `m` does not take the beginning of `ms`. */
const goDuration = /^\+?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/**
 * A duration as an App writes it, from a duration of Go (`1m30s`) or a number. A number in a field for which flyctl
 * has no unit is read as nanoseconds there, which nobody means: it is read in `unit` with a warning.
 */
export function durationOf(
  section: Section,
  key: string,
  unit: BareUnit,
  flyReadsNanoseconds = false,
): string | undefined {
  const value = section.value(key);
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'number' && value >= 0) {
    const written = bareDuration(Math.trunc(value), unit);
    if (flyReadsNanoseconds)
      section.warn('noUnit', key, `has no unit and is read as ${written} (Fly: nanoseconds); write "${written}"`);
    return written;
  }
  if (typeof value === 'string' && goDuration.test(value)) return tidyDuration(value);
  const hint =
    typeof value === 'string' && /^\d+$/.test(value)
      ? `"${value}" has no unit; write "${value}s"`
      : `not ${typeName(value)}`;
  return section.wrong(key, `must be a duration like "10s" or "1m30s" (units ms, s, m, h): ${hint}`);
}

function bareDuration(amount: number, unit: BareUnit): string {
  if (unit === 'seconds') return `${amount}s`;
  return amount % 1000 === 0 ? `${amount / 1000}s` : `${amount}ms`;
}

/** Go allows `.5s`, `1.s` and `0`; an App does not. */
function tidyDuration(duration: string): string {
  if (/^\+?0$/.test(duration)) return '0s';
  return duration
    .replace('+', '')
    .replaceAll('μ', 'µ')
    .replace(/(?<!\d)\./g, '0.')
    .replace(/\.(?!\d)/g, '');
}

const binary: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };
const decimal: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 };

/** Memory of a machine: a number is MiB, and `gb` is 1024 MiB (docker/go-units RAMInBytes, cut to whole MiB). */
export function memoryOf(section: Section, key: string): string | undefined {
  const mebibytes = sizeOf(section, key, binary, 2 ** 20, '"512mb" or "2gb"');
  if (mebibytes === undefined) return undefined;
  if (mebibytes < 1) return section.wrong(key, 'must be at least 1 MB');
  return formatBytes(mebibytes * 2 ** 20);
}

/** Size of a volume: a number is GB, and `gb` is 1000 MB (docker/go-units FromHumanSize, cut to whole GB). */
export function volumeSizeOf(section: Section, key: string, max = Number.POSITIVE_INFINITY): string | undefined {
  const gigabytes = sizeOf(section, key, decimal, 1e9, '"10gb"');
  if (gigabytes === undefined) return undefined;
  if (gigabytes > max) return section.wrong(key, `may be at most "${max}gb"`);
  return gigabytes < 1 ? section.wrong(key, 'must be at least "1gb"') : `${gigabytes}Gi`;
}

function sizeOf(
  section: Section,
  key: string,
  factors: Readonly<Record<string, number>>,
  unit: number,
  example: string,
): number | undefined {
  const value = section.value(key);
  if (value === undefined || value === '') return undefined;
  if (Number.isInteger(value)) return value as number;
  const [, amount, suffix] =
    /^\s*(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?\s*$/i.exec(typeof value === 'string' ? value : '') ?? [];
  const isText = typeof value === 'string' && amount !== undefined && suffix !== undefined;
  if (!isText) return section.wrong(key, `must be a size like ${example}, not ${typeName(value)}`);
  if (/^\d+$/.test(value)) return Number(value);
  return Math.trunc((Number(amount) * (factors[suffix.toLowerCase()] ?? 1)) / unit);
}

const signals = Object.fromEntries(signal().options.map((name) => [name, name]));

/** A signal that a machine can be sent. */
export function signalOf(section: Section, key: string): (typeof signals)[string] | undefined {
  return section.choice(key, signals);
}
