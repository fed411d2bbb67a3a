const unitSeconds: Record<string, number> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds in a duration like `1m30s`; it must have passed the schema. */
export function seconds(duration: string): number {
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitSeconds[unit ?? ''] ?? 0);
  }
  return total;
}

/** Whole seconds, rounded up and at least `least`, as Kubernetes wants them in probes and grace periods. */
export function wholeSeconds(duration: string, least = 0): number {
  // Floating point leaves 0.1 + 0.2 above 0.3; a microsecond is below anything that matters here.
  return Math.max(least, Math.ceil(seconds(duration) - 1e-6));
}
