import TomlParser from '@iarna/toml/lib/toml-parser.js';
import { Locator, type Places, type Position } from './locate.ts';
import type { Path } from './path.ts';
import { deepest, type FoundKey, scan } from './scan.ts';

/** Tables have no prototype. Integers beyond 2^53 are bigint, so that none of their digits is lost. */
export type TomlValue = string | number | bigint | boolean | TomlDate | readonly TomlValue[] | TomlTable;
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** A date or time, as it is written. */
export class TomlDate {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate);
}

/** What is in a table or a list; nothing in other values. */
export function partsOf(value: TomlValue): (readonly [string | number, TomlValue])[] {
  if (Array.isArray(value)) return [...value.entries()];
  return isTable(value) ? Object.entries(value) : [];
}

export interface TomlDocument {
  readonly root: TomlTable;
  readonly locator: Places;
}

export class TomlSyntaxError extends Error {
  readonly position: Position;
  constructor(position: Position, message: string) {
    super(message);
    this.position = position;
  }
}

/**
 * Reads TOML 1.0. This is the only file that knows the parser, and mends what @iarna/toml 3.0.0 gets wrong: a byte order
 * mark and comments in files with CRLF are refused, keys like `constructor` reach into `Object.prototype`, integers
 * beyond 64 bits wrap, dates become objects, a time swallows the end of its line, positions lie behind what they speak of.
 * @throws TomlSyntaxError with a position, whatever the text is
 */
export function parseToml(source: string): TomlDocument {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const { found, tooDeep } = scan(text);
  const locator = new Locator(text, found);
  if (tooDeep !== undefined) {
    throw new TomlSyntaxError(locator.at(tooDeep), `nested more than ${deepest} levels deep`);
  }
  const raws = new Map(found.flatMap(({ path, raw }) => (raw === undefined ? [] : [[JSON.stringify(path), raw]])));
  return { root: plain(parsed(text, found, locator), [], raws, locator) as TomlTable, locator };
}

/** Keys are kept with a mark in front, so that none is the name of something that every object has. */
const mark = '.';

class SafeParser extends TomlParser {
  override recordAssignKeyword(key: string): unknown {
    return super.recordAssignKeyword(mark + key);
  }
  override parseTableMore(key: string): unknown {
    return super.parseTableMore(mark + key);
  }
  override parseListMore(key: string): unknown {
    return super.parseListMore(mark + key);
  }
  /** A time without a fraction swallows the end of its line. */
  override parseOnlyTimeFractionMaybe(): unknown {
    const hasFraction = this.char === '.'.charCodeAt(0);
    const next = super.parseOnlyTimeFractionMaybe();
    return hasFraction ? next : this.runOne();
  }
}

function parsed(text: string, found: readonly FoundKey[], locator: Locator): unknown {
  const parser = new SafeParser();
  try {
    parser.parse(text);
    return parser.finish();
  } catch (error) {
    const { message, pos } = error as Error & { pos?: number };
    const offset = Math.min(Math.max((pos ?? 1) - 1, 0), text.length);
    // A key that is there already is noticed only behind its value.
    const key = /redefine|extend/.test(message) ? found.findLast((entry) => entry.offset <= offset) : undefined;
    throw new TomlSyntaxError(locator.at(key?.offset ?? offset), sentence(message, text, offset));
  }
}

function sentence(message: string, text: string, offset: number): string {
  if (/redefine/.test(message)) return 'this key or table is already there';
  if (/^Control characters/.test(message)) return lower(message.replace(' (codes < 0x1f and 0x7f)', ''));
  const character = text.codePointAt(offset);
  if (character === undefined) return `${lower(message)}, but the file ends here`;
  const shown = JSON.stringify(String.fromCodePoint(character));
  if (/^Unknown character/.test(message))
    return `unexpected character ${shown}; a line is \`key = value\`, \`[table]\` or a comment`;
  return lower(message).replace(/^unexpected character\b/, `unexpected character ${shown}`);
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function plain(value: unknown, path: Path, raws: ReadonlyMap<string, string>, locator: Locator): TomlValue {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  const raw = raws.get(JSON.stringify(path)) ?? '';
  if (value instanceof Date) return new TomlDate(raw);
  if (typeof value === 'bigint') return wholeInteger(value, raw, locator.locate(path));
  if (Array.isArray(value)) return value.map((item, index) => plain(item, [...path, index], raws, locator));
  const table: Record<string, TomlValue> = Object.create(null);
  for (const [marked, item] of Object.entries(value as object)) {
    const key = marked.slice(mark.length);
    table[key] = plain(item, [...path, key], raws, locator);
  }
  return table;
}

function wholeInteger(value: bigint, raw: string, position: Position): bigint {
  if (BigInt(raw.replaceAll('_', '').replace(/^([+-])/, '')) !== (raw.startsWith('-') ? -value : value)) {
    throw new TomlSyntaxError(position, `${raw.slice(0, 40)} does not fit into 64 bits; write it in quotes`);
  }
  return value;
}
