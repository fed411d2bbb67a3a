import type { Path } from './path.ts';

export interface FoundKey {
  readonly path: Path;
  /** Where it begins in the text: a key, the name in a table's header, or an element of an array. */
  readonly offset: number;
  /** Numbers, dates and booleans as they are written. */
  readonly raw?: string;
}

export interface Scan {
  readonly found: readonly FoundKey[];
  /** Where the text nests deeper than `deepest`; nothing behind it is read. */
  readonly tooDeep?: number;
}

/** Deeper than any fly.toml; keeps hostile nesting from exhausting the stack. */
export const deepest = 64;

/**
 * Every key of a TOML text and where it stands, tables and elements of arrays included. The parser tells values but not
 * positions; this tells positions and leaves it to the parser to say what is wrong: at the first thing that it does not
 * understand it ends.
 */
export function scan(text: string): Scan {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return scanner;
  } catch (error) {
    if (error instanceof TooDeep) return { found: scanner.found, tooDeep: error.offset };
    if (error instanceof NotUnderstood) return scanner;
    throw error;
  }
}

class NotUnderstood extends Error {}

class TooDeep extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super();
    this.offset = offset;
  }
}

class Scanner {
  readonly found: FoundKey[] = [];
  readonly #text: string;
  #at = 0;
  /** How many elements each array of tables has so far, by the path of the array. */
  readonly #counts = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    let table: Path = [];
    for (this.#blank(); this.#at < this.#text.length; this.#blank()) {
      if (this.#next() === '[') table = this.#header();
      else this.#keyValue(table, 0);
    }
  }

  #header(): Path {
    const isArray = this.#text.startsWith('[[', this.#at);
    this.#at += isArray ? 2 : 1;
    this.#spaces();
    const offset = this.#at;
    const keys = this.#keys();
    this.#expect(isArray ? ']]' : ']');
    const path = isArray ? this.#element(keys, offset) : this.#resolve(keys);
    this.found.push({ path, offset });
    return path;
  }

  #element(keys: readonly string[], offset: number): Path {
    const array = [...this.#resolve(keys.slice(0, -1)), keys.at(-1) ?? ''];
    const name = JSON.stringify(array);
    const index = this.#counts.get(name) ?? 0;
    this.#counts.set(name, index + 1);
    if (index === 0) this.found.push({ path: array, offset });
    return [...array, index];
  }

  /** A name on the way to a table means the newest element where it is an array of tables. */
  #resolve(keys: readonly string[]): Path {
    const path: (string | number)[] = [];
    for (const key of keys) {
      path.push(key);
      const count = this.#counts.get(JSON.stringify(path));
      if (count !== undefined) path.push(count - 1);
    }
    return path;
  }

  #keyValue(table: Path, depth: number): void {
    const offset = this.#at;
    const path = [...table, ...this.#keys()];
    this.#expect('=');
    this.#spaces();
    this.#value(path, offset, depth);
  }

  #value(path: Path, offset: number, depth: number): void {
    if (depth > deepest) throw new TooDeep(this.#at);
    const next = this.#next();
    if (next === '"' || next === "'") this.#string();
    else if (next !== '[' && next !== '{') {
      this.found.push({ path, offset, raw: this.#match(/[^\s,\]}#][^,\]}#\n]*/y).trimEnd() });
      return;
    }
    this.found.push({ path, offset });
    if (next === '[') this.#array(path, depth);
    if (next === '{') this.#inlineTable(path, depth);
  }

  #array(path: Path, depth: number): void {
    this.#at++;
    for (let index = 0; ; index++) {
      this.#blank();
      if (this.#next() === ']') break;
      this.#value([...path, index], this.#at, depth + 1);
      this.#blank();
      if (this.#next() !== ',') break;
      this.#at++;
    }
    this.#expect(']');
  }

  #inlineTable(path: Path, depth: number): void {
    this.#at++;
    for (this.#blank(); this.#next() !== '}'; this.#blank()) {
      this.#keyValue(path, depth + 1);
      this.#blank();
      if (this.#next() !== ',') break;
      this.#at++;
    }
    this.#expect('}');
  }

  #keys(): string[] {
    const keys = [this.#key()];
    for (this.#spaces(); this.#next() === '.'; this.#spaces()) {
      if (keys.length > deepest) throw new TooDeep(this.#at);
      this.#at++;
      this.#spaces();
      keys.push(this.#key());
    }
    return keys;
  }

  #key(): string {
    const quote = this.#next();
    if (quote !== '"' && quote !== "'") return this.#match(/[A-Za-z0-9_-]+/y);
    const literal = this.#string();
    return quote === "'" ? literal.slice(1, -1) : unquote(literal);
  }

  /** A string with its quotes. */
  #string(): string {
    const [start, quote] = [this.#at, this.#next() ?? ''];
    const isLong = this.#text.startsWith(quote.repeat(3), start);
    const end = isLong ? quote.repeat(3) : quote;
    this.#at = this.#endOf(end, start + end.length) + end.length;
    // A long string may end in up to two quotes of its own.
    for (let own = 0; isLong && own < 2 && this.#next() === quote; own++) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #endOf(end: string, from: number): number {
    const isLong = end.length === 3;
    const special = end.startsWith('"') ? /["\\\n]/g : /['\n]/g;
    for (let at = from; at < this.#text.length; at++) {
      special.lastIndex = at;
      at = special.exec(this.#text)?.index ?? this.#text.length;
      if (this.#text.startsWith(end, at)) return at;
      if (this.#text[at] === '\n' && !isLong) break;
      if (this.#text[at] === '\\') at++;
    }
    throw new NotUnderstood();
  }

  #next(): string | undefined {
    return this.#text[this.#at];
  }

  #expect(token: string): void {
    this.#spaces();
    if (!this.#text.startsWith(token, this.#at)) throw new NotUnderstood();
    this.#at += token.length;
  }

  #spaces(): void {
    this.#match(/[ \t]*/y);
  }

  /** White space, ends of lines and comments. */
  #blank(): void {
    for (this.#match(/\s*/y); this.#next() === '#'; this.#match(/\s*/y)) this.#match(/[^\n]*/y);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new NotUnderstood();
    this.#at += found.length;
    return found;
  }
}

/** TOML's escapes are JSON's, and `\UXXXXXXXX`. */
function unquote(literal: string): string {
  const json = literal.replace(/\\(?:U([0-9A-Fa-f]{8})|[\s\S])/g, (written, hex) => {
    const code = Number.parseInt(hex ?? '', 16);
    return code <= 0x10ffff ? JSON.stringify(String.fromCodePoint(code)).slice(1, -1) : written;
  });
  try {
    return JSON.parse(json.replaceAll('\t', '\\t'));
  } catch {
    throw new NotUnderstood();
  }
}
