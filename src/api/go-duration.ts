const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** The longest that Go has, 292 years. */
const longest = 2n ** 63n - 1n;

/**
 * Nanoseconds in a duration as Go reads it, with sign and fractions: `1h30m`, `-1.5h`, `0`. Undefined for what Go
 * refuses. https://pkg.go.dev/time#ParseDuration
 */
export function goDuration(text: string): bigint | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = nanoseconds[unit] ?? 0n;
    total += BigInt(whole || 0) * size + (BigInt(fraction || 0) * size) / 10n ** BigInt(fraction.length);
  }
  const isNegative = sign === '-';
  if (total > longest + (isNegative ? 1n : 0n)) return undefined;
  return isNegative ? -total : total;
}
