import { stripVTControlCharacters } from 'node:util';

/** Columns as wide as they need to be, two blanks apart, as kubectl prints them. Colours take no room. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)))).join('  ');
  return all.map((row) => `${line(row).trimEnd()}\n`).join('');
}

const widthOf = (cell: string) => stripVTControlCharacters(cell).length;
