import { parseEnv } from 'node:util';
import { Locator, type Position } from './locate.ts';

/** A variable of a .env file. */
export interface EnvVariable extends Position {
  readonly name: string;
  readonly value: string;
}

export interface EnvFile {
  readonly variables: readonly EnvVariable[];
  /** Lines that are no variable. Nothing of what is in them is repeated: it may be secret. */
  readonly broken: readonly (Position & { readonly message: string })[];
}

/** `NAME=`, perhaps with `export` in front. */
const beginning = /^[^\S\n]*(?:export[^\S\n]+)?([^\s=#"'`]+)[^\S\n]*=[^\S\n]*/;
/** Three quotes are those of `fly secrets import`. */
const quotes = ['"""', '"', "'", '`'];

/**
 * The variables of a .env file, as Node.js reads it (https://nodejs.org/api/util.html#utilparseenvcontent), and with
 * Fly's three quotes. Node.js leaves out lines that it does not understand; here they are told.
 */
export function parseDotenv(source: string): EnvFile {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const locator = new Locator(text, []);
  const [variables, broken]: [EnvVariable[], (Position & { message: string })[]] = [[], []];
  for (let at = 0; at < text.length; ) {
    const found = entryAt(text, at);
    if ('message' in found) broken.push({ ...locator.at(at), message: found.message });
    else if (found.name !== undefined) variables.push({ ...locator.at(at), name: found.name, value: found.value });
    at = found.end + 1;
  }
  return { variables, broken };
}

type Entry = { readonly end: number } & (
  | { readonly name: string; readonly value: string }
  | { readonly name?: undefined }
  | { readonly message: string }
);

/** What begins at the beginning of a line. `end`: where its last line ends. */
function entryAt(text: string, at: number): Entry {
  const end = lineEnd(text, at);
  const line = text.slice(at, end);
  if (/^\s*(#|$)/.test(line)) return { end };
  const [start, name] = beginning.exec(line) ?? [];
  if (start === undefined || name === undefined)
    return { end, message: 'is not NAME=value; a value of several lines goes in quotes' };
  const from = at + start.length;
  const quote = quotes.find((mark) => text.startsWith(mark, from));
  const written = text.slice(from, end);
  if (quote === undefined && /\S#/.test(written))
    return { end, message: 'has a # in its value, where a comment begins; a value with # in it goes in quotes' };
  if (quote === undefined) return { end, name, value: unquoted(name, written) };
  const close = closeOf(text, quote, from + quote.length);
  if (close < 0) return { end, message: `has a quote ${quote} without an end` };
  const last = lineEnd(text, close + quote.length);
  const inside = text.slice(from + quote.length, close);
  const value = quote === '"""' ? inside : unquoted(name, text.slice(from, last));
  return { end: last, name, value };
}

/** Of four quotes in a row the first one is still inside. */
function closeOf(text: string, quote: string, from: number): number {
  const first = text.indexOf(quote, from);
  return first >= 0 && quote.length > 1
    ? first + (/^"*/.exec(text.slice(first + quote.length))?.[0].length ?? 0)
    : first;
}

function unquoted(name: string, written: string): string {
  return parseEnv(`${name}=${written}`)[name] ?? '';
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
