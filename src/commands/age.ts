const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Time since then with its largest unit, and the next one where that is still worth telling: `45s`, `5m`, `3h20m`, `12d`. */
export function age(since: string | undefined, now: Date): string {
  const time = Date.parse(since ?? '');
  return Number.isNaN(time) ? '-' : elapsed((now.getTime() - time) / 1000);
}

/** Seconds in the same way. */
export function elapsed(total: number): string {
  let left = Math.max(0, Math.floor(total));
  const first = units.findIndex(([, size]) => left >= size);
  if (first < 0) return '0s';
  const parts: string[] = [];
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    if (count >= 10) break;
  }
  return parts.join('');
}
