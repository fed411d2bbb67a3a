import { type KeyNode, keyAt, namesIn, tablesByName } from './key-tree.ts';
import { nearest } from './nearest.ts';
import type { Path } from './path.ts';

/** Nobody reads more of them, and each is looked for among all keys. */
const most = 100;

/** What was probably meant by the unknown keys of a file, for the first of them. */
export class Suggestions {
  #left = most;

  /** The end of a message; empty where nothing is near. */
  for(path: Path): string {
    if (this.#left-- <= 0) return '';
    const table = keyAt(path.slice(0, -1)) as KeyNode;
    const name = `${path.at(-1)}`;
    const here = nearest(name, namesIn(table));
    if (here !== undefined) return `; did you mean ${here}?`;
    if (tablesByName.has(name)) return `; did you mean ${placed('that', 'the one', name, table)}?`;
    const other = nearest(name, [...tablesByName.keys()]);
    return other === undefined ? '' : `; did you mean ${placed(other, other, other, table)}?`;
  }
}

/** Of several tables with a key the one below this table. */
function placed(inTable: string, atTop: string, name: string, table: KeyNode): string {
  const patterns = tablesByName.get(name) ?? [];
  const found = patterns.find((pattern) => pattern.startsWith(table.pattern)) ?? patterns[0];
  return found ? `${inTable} of ${found}` : `${atTop} at the top of the file`;
}
