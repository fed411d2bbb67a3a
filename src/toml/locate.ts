import type { Path } from './path.ts';
import type { FoundKey } from './scan.ts';

/** A place in a text, counted from 1. Columns count UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** The overlay that it is in; absent in the file itself. */
  readonly file?: string;
}

/** Tells where the values of a document stand. */
export interface Places {
  locate(path: Path): Position;
  /** Names of the overlays that are merged into the document, in their order. */
  readonly overlays: readonly string[];
}

/**
 * Where keys stand in a text. A table that has no header of its own is where its first key is; what is not there at all,
 * as a key that is missing, is where the table that should have it begins.
 */
export class Locator implements Places {
  readonly overlays: readonly string[] = [];
  readonly #lines: number[];
  readonly #offsets = new Map<string, number>();

  constructor(text: string, found: readonly FoundKey[]) {
    this.#lines = lineStarts(text);
    for (const { path, offset } of found) this.#add(path, offset);
  }

  locate(path: Path): Position {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offsets.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return this.at(offset);
    }
    return { line: 1, column: 1 };
  }

  at(offset: number): Position {
    let [low, high] = [0, this.#lines.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lines[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lines[low] ?? 0) + 1 };
  }

  #add(path: Path, offset: number): void {
    this.#offsets.set(JSON.stringify(path), offset);
    for (let length = path.length - 1; length > 0; length--) {
      const parent = JSON.stringify(path.slice(0, length));
      if (this.#offsets.has(parent)) return;
      this.#offsets.set(parent, offset);
    }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}
