export type StatRow = Readonly<Record<string, string>>;

/** The answer to `show stat`, by columns (management guide, "Statistics and monitoring"). Lines of other commands before it are left out. */
export function statRows(answer: string): StatRow[] {
  const lines = answer.split('\n');
  const first = lines.findIndex((line) => line.startsWith('# pxname,'));
  const columns = (lines[first] ?? '').replace(/^# /, '').split(',');
  return lines
    .slice(first + 1)
    .filter((line) => first >= 0 && line.includes(',') && !line.startsWith('#'))
    .map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
    });
}
