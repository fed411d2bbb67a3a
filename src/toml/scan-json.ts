import { deepest } from './scan.ts';

/** What keeps a text from being JSON, and where. */
export interface JsonMistake {
  readonly offset: number;
  readonly message: string;
}

/** The first mistake of a text that should be JSON (RFC 8259): the parser of YAML takes more for right than flyctl does. */
export function jsonMistake(text: string): JsonMistake | undefined {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (error) {
    if (error instanceof Mistake) return error;
    throw error;
  }
}

class Mistake extends Error implements JsonMistake {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
/** All but quotes, backslashes and control characters. */
const inString = /[ !#-[\]-\uffff]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value(0);
    this.#blank();
    if (this.#next() !== undefined) this.#fail('the file must end behind its first value');
  }

  #value(depth: number): void {
    this.#blank();
    if (depth > deepest) this.#fail(`nested more than ${deepest} levels deep`);
    const next = this.#next();
    if (next === '{') this.#list('}', () => this.#member(depth));
    else if (next === '[') this.#list(']', () => this.#value(depth + 1));
    else if (next === '"') this.#string();
    else if (!this.#match(word))
      this.#fail('a value is a string in double quotes, a number, true, false, null, {…} or […]');
  }

  /** What stands between brackets, with commas. */
  #list(end: string, item: () => void): void {
    this.#at++;
    this.#blank();
    if (this.#skip(end)) return;
    for (;;) {
      item();
      this.#blank();
      if (this.#skip(end)) return;
      const comma = this.#at;
      if (!this.#skip(',')) this.#fail(`"," or "${end}" must come next`);
      this.#blank();
      if (this.#next() === end) throw new Mistake(comma, `no comma may stand before "${end}"`);
    }
  }

  #member(depth: number): void {
    this.#blank();
    if (this.#next() !== '"') this.#fail('a key must be in double quotes');
    this.#string();
    this.#blank();
    if (!this.#skip(':')) this.#fail('":" must come behind a key');
    this.#value(depth + 1);
  }

  #string(): void {
    const start = this.#at++;
    for (this.#match(inString); !this.#skip('"'); this.#match(inString)) {
      const next = this.#next();
      if (next === undefined || next === '\n') throw new Mistake(start, 'this string does not end on its line');
      if (next !== '\\') this.#fail('a string has no control characters in it; write them as "\\u0000"');
      if (!this.#match(escaped)) this.#fail('no such escape; write a backslash as "\\\\"');
    }
  }

  #fail(message: string): never {
    const character = this.#text.codePointAt(this.#at);
    if (character === undefined) throw new Mistake(this.#at, `${message}, but the file ends here`);
    const found = String.fromCodePoint(character);
    const isComment = found === '/' || found === '#';
    throw new Mistake(this.#at, isComment ? 'JSON has no comments' : `${message}, not ${JSON.stringify(found)}`);
  }

  #next(): string | undefined {
    return this.#text[this.#at];
  }

  #skip(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    return true;
  }

  #blank(): void {
    this.#match(/[ \t\n\r]*/y);
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found !== undefined;
  }
}
