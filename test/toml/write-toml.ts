import type { Position } from '../../src/toml/locate.ts';
import type { Path } from '../../src/toml/path.ts';

export type Tree = { [key: string]: Value };
export type Value = string | number | boolean | Value[] | Tree;

export interface Written {
  readonly text: string;
  /** Where each key stands, by its path as JSON. */
  readonly places: ReadonlyMap<string, Position>;
}

/** Writes a tree as TOML in one of its many styles; `choose(n)` picks one of n. */
export function writeToml(tree: Tree, choose: (options: number) => number = () => 0): Written {
  const writer = new Writer(choose);
  writer.table([], [], tree);
  return writer;
}

class Writer implements Written {
  text = '';
  readonly places = new Map<string, Position>();
  readonly #choose: (options: number) => number;

  constructor(choose: (options: number) => number) {
    this.#choose = choose;
  }

  /** `header` is the path as headers write it: without the indices of arrays. */
  table(path: Path, header: readonly string[], table: Tree): void {
    const entries = Object.entries(table);
    const hasHeader = ([, value]: [string, Value]) => isTree(value) || isArrayOfTrees(value);
    const later = entries.filter((entry) => hasHeader(entry) && this.#choose(3) > 0);
    for (const entry of entries) {
      if (later.includes(entry)) continue;
      this.#keyValue([...path, entry[0]], entry[0], entry[1]);
      this.#endLine();
    }
    for (const [key, value] of later) {
      if (isTree(value)) this.#section([...path, key], [...header, key], value);
      else
        for (const [i, item] of (value as Tree[]).entries()) this.#element([...path, key, i], [...header, key], item);
    }
  }

  #section(path: Path, header: readonly string[], table: Tree): void {
    this.text += `${this.#space()}[${this.#space()}`;
    this.#header(path, header);
    this.text += ']';
    this.#endLine();
    this.table(path, header, table);
  }

  #element(path: Path, header: readonly string[], table: Tree): void {
    this.text += `${this.#space()}[[${this.#space()}`;
    this.#header(path, header);
    this.text += ']]';
    this.#endLine();
    this.table(path, header, table);
  }

  #header(path: Path, header: readonly string[]): void {
    this.#place(path);
    this.text += header.map((key) => this.#key(key)).join(`${this.#space()}.${this.#space()}`) + this.#space();
  }

  #keyValue(path: Path, key: string, value: Value): void {
    this.text += this.#space();
    this.#place(path);
    this.#dotted(path, this.#key(key), value);
  }

  /** A table with one key may be written as `a.b = …`. Its key begins where the whole begins. */
  #dotted(path: Path, written: string, value: Value): void {
    const [only, ...others] = isTree(value) ? Object.entries(value) : [];
    if (only && others.length === 0 && this.#choose(2) === 0) {
      const place = this.places.get(JSON.stringify(path))!;
      const inner = [...path, only[0]];
      this.places.set(JSON.stringify(inner), place);
      this.#dotted(inner, `${written}${this.#space()}.${this.#space()}${this.#key(only[0])}`, only[1]);
      return;
    }
    this.text += `${written}${this.#space()}=${this.#space()}`;
    this.#value(path, value);
  }

  #value(path: Path, value: Value): void {
    if (Array.isArray(value)) {
      this.text += '[';
      for (const [index, item] of value.entries()) {
        this.text += this.#choose(3) === 0 ? ' # ], "\n\t' : this.#space();
        this.#place([...path, index]);
        this.#value([...path, index], item);
        this.text += `${this.#space()},`;
      }
      this.text += ' ]';
    } else if (isTree(value)) {
      this.text += '{';
      for (const [index, [key, item]] of Object.entries(value).entries()) {
        if (index > 0) this.text += ',';
        this.#keyValue([...path, key], key, item);
      }
      this.text += ' }';
    } else this.text += typeof value === 'string' ? this.#string(value) : `${value}`;
  }

  #string(value: string): string {
    const style = this.#choose(3);
    if (style === 1 && /^[^'\p{Cc}]*$/u.test(value)) return `'${value}'`;
    if (style === 2) return `"""\n${escaped(value).replaceAll('\\n', '\n')}"""`;
    return `"${escaped(value)}"`;
  }

  #key(key: string): string {
    if (/^[\w-]+$/.test(key) && this.#choose(3) > 0) return key;
    return /^[^'\p{Cc}]*$/u.test(key) && this.#choose(2) === 0 ? `'${key}'` : `"${escaped(key)}"`;
  }

  #place(path: Path): void {
    const lines = this.text.split('\n');
    this.places.set(JSON.stringify(path), { line: lines.length, column: lines.at(-1)!.length + 1 });
  }

  #endLine(): void {
    this.text += ['\n', ' # = [a] "\n', '\n\n  # key = 1\n'][this.#choose(3)];
  }

  #space(): string {
    return ['', ' ', '\t '][this.#choose(3)]!;
  }
}

function isTree(value: Value): value is Tree {
  return typeof value === 'object' && !Array.isArray(value);
}

function isArrayOfTrees(value: Value): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isTree);
}

function escaped(value: string): string {
  return JSON.stringify(value).slice(1, -1).replace(/\x7f/g, '\\u007f');
}
