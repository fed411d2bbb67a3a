/** Longer than any key; nothing longer is compared. */
const longest = 64;

/** The word that was probably meant: by its letters, or by its words in another order (`auto_machine_stop`). */
export function nearest(written: string, known: readonly string[]): string | undefined {
  if (written.length > longest) return undefined;
  const limit = Math.max(1, Math.floor(written.length / 4));
  const [best] = known
    // Words differ by at least as much as their lengths.
    .filter((name) => Math.abs(name.length - written.length) <= limit)
    .map((name) => ({ name, apart: Math.min(distance(written, name), distance(sorted(written), sorted(name))) }))
    .filter(({ apart }) => apart <= limit)
    .sort((a, b) => a.apart - b.apart);
  return best?.name;
}

function sorted(name: string): string {
  return name.split(/[_-]/).sort().join('_');
}

/** How many letters to add, take away, replace, or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const plain = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      row.push(swapped ? Math.min(plain, (before[j - 2] ?? 0) + 1) : plain);
    }
    [before, last] = [last, row];
  }
  return last.at(-1) ?? 0;
}
