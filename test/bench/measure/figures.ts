/** Milliseconds of the machine's monotonic clock, which the programs in containers have, too. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

/** The value below which a share of all lies. */
export function quantile(all: readonly number[], share: number): number {
  const sorted = all.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (all: readonly number[]) => quantile(all, 0.5);

/** Median, p95, p99 and the most, in milliseconds. */
export const spread = (all: readonly number[]) =>
  [0.5, 0.95, 0.99, 1].map((share) => quantile(all, share).toFixed(share === 0.5 ? 1 : 0));

export const spreadHead = ['median ms', 'p95', 'p99', 'most'];

/** A table with its title, columns as wide as they have to be. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
  console.log(`\n${title}`);
  for (const row of all) console.log(`  ${line(row).join('   ')}`.trimEnd());
}
