export type StatRow = Readonly<Record<string, string>>;

/**
 * The answer to `show stat`, by columns (management guide, "Statistics and monitoring"); all of them, or those that are
 * named, as there are more than a hundred. Lines of other commands before it are left out.
 */
export function statRows(answer: string, wanted?: readonly string[]): StatRow[] {
  const lines = answer.split('\n');
  const first = lines.findIndex((line) => line.startsWith('# pxname,'));
  const columns = (lines[first] ?? '').replace(/^# /, '').split(',');
  const kept = columns.map((column, index) => [column, index] as const);
  const picked = wanted ? kept.filter(([column]) => wanted.includes(column)) : kept;
  return lines
    .slice(first + 1)
    .filter((line) => first >= 0 && line.includes(',') && !line.startsWith('#'))
    .map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(picked.map(([column, index]) => [column, cells[index] ?? '']));
    });
}
