import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, type Pair, Parser, Scalar } from 'yaml';
import { Locator, type Position } from './locate.ts';
import type { TomlDocument, TomlTable, TomlValue } from './parse.ts';
import type { Path } from './path.ts';
import { deepest, type FoundKey } from './scan.ts';

export class YamlSyntaxError extends Error {
  readonly position: Position;
  constructor(position: Position, message: string) {
    super(message);
    this.position = position;
  }
}

/** How many values aliases may bring in all; more is nothing that a person wrote. */
const mostAliased = 10_000;

/**
 * Reads YAML 1.2, and so JSON, into the values that a TOML text would have. A key that is null is as good as not there.
 * @throws YamlSyntaxError with a position, whatever the text is
 */
export function parseYaml(source: string): TomlDocument {
  const [first = empty(), second] = parseYamlStream(source);
  if (second) throw new YamlSyntaxError(second.locator.locate([]), 'a second document; a file holds one App');
  return first;
}

export interface YamlDocument extends TomlDocument {
  /** The keys that are null, which are not in `root`. */
  readonly nulls: readonly Path[];
}

/** Each document of a text. What is empty is left out. */
export function parseYamlStream(source: string): YamlDocument[] {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const lines = new Locator(text, []);
  const fail: Fail = (offset, message) => {
    throw new YamlSyntaxError(lines.at(Math.min(offset, text.length)), message);
  };
  return composed(text, fail).map((document) => {
    const reader = new Reader(fail);
    const root = reader.root(document.contents);
    return { root, locator: new Locator(text, reader.found), nulls: reader.nulls };
  });
}

type Fail = (offset: number, message: string) => never;

/** Keys that are there twice are found by the reader: the composer compares each with each. */
const options = { schema: 'core', merge: true, uniqueKeys: false, intAsBigInt: true, prettyErrors: false } as const;

function composed(text: string, fail: Fail): Document.Parsed[] {
  const documents: Document.Parsed[] = [];
  for (const document of new Composer(options).compose(tokens(text, fail), false, text.length)) {
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong) fail(wrong.pos[0], sentence(wrong.message));
    if (document.contents !== null && !isNull(document.contents)) documents.push(document);
  }
  return documents;
}

/** The composer calls itself for each level, so the parser must not go too deep. */
function* tokens(
  text: string,
  fail: Fail,
): Generator<ReturnType<Parser['next']> extends Generator<infer T> ? T : never> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > deepest) fail(parser.offset, `nested more than ${deepest} levels deep`);
  }
  yield* parser.end();
}

function sentence(message: string): string {
  const shown = message.length > 120 ? `${message.slice(0, 120)}…` : message;
  return shown.charAt(0).toLowerCase() + shown.slice(1).replace(/\p{Cc}+/gu, ' ');
}

function empty(): TomlDocument {
  return { root: Object.create(null), locator: new Locator('', []) };
}

const isNull = (node: unknown): boolean => node === null || (isScalar(node) && node.value === null);

class Reader {
  readonly found: FoundKey[] = [];
  readonly nulls: Path[] = [];
  readonly #fail: Fail;
  readonly #anchors = new Map<string, unknown>();
  /** The aliases that are being followed, and what they stand for. */
  readonly #open: { readonly alias: unknown; readonly target: unknown }[] = [];
  #aliased = 0;

  constructor(fail: Fail) {
    this.#fail = fail;
  }

  root(node: unknown): TomlTable {
    if (!isMap(node)) return this.#fail(offsetOf(node), 'the file must be a table of keys and values');
    this.found.push({ path: [], offset: offsetOf(node) });
    return this.#value(node, []) as TomlTable;
  }

  #value(node: unknown, path: Path): TomlValue {
    if (this.#open.length > 0 && ++this.#aliased > mostAliased) {
      this.#fail(offsetOf(this.#open[0]?.alias), `aliases bring more than ${mostAliased} values`);
    }
    if (path.length > deepest) this.#fail(offsetOf(node), `nested more than ${deepest} levels deep`);
    if (isAlias(node)) return this.#follow(node, (target) => this.#value(target, path));
    this.#remember(node);
    if (isMap(node)) return this.#table(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.#element(item, [...path, index]));
    return this.#scalar(node);
  }

  #element(node: unknown, path: Path): TomlValue {
    this.found.push({ path, offset: offsetOf(node) });
    if (isNull(node)) this.#fail(offsetOf(node), 'an element of a list is empty');
    return this.#value(node, path);
  }

  #table(pairs: readonly Pair[], path: Path): TomlTable {
    const table: Record<string, TomlValue> = Object.create(null);
    for (const pair of pairs.filter((pair) => !isMerge(pair))) {
      const key = this.#key(pair);
      if (Object.hasOwn(table, key)) this.#fail(offsetOf(pair.key), 'this key or table is already there');
      this.#set(table, key, pair, path);
    }
    for (const { value } of pairs.filter(isMerge)) this.#merge(table, value, path);
    return table;
  }

  #set(table: Record<string, TomlValue>, key: string, { key: node, value }: Pair, path: Path): void {
    this.found.push({ path: [...path, key], offset: offsetOf(node) });
    if (isNull(value)) return void this.nulls.push([...path, key]);
    table[key] = this.#value(value, [...path, key]);
  }

  /** `<<: *anchor`: the keys of another table, where this one has none of its own (https://yaml.org/type/merge.html). */
  #merge(table: Record<string, TomlValue>, node: unknown, path: Path): void {
    if (isAlias(node)) this.#follow(node, (target) => this.#merge(table, target, path));
    else if (isSeq(node)) for (const item of node.items) this.#merge(table, item, path);
    else if (isMap(node)) {
      this.#remember(node);
      for (const pair of node.items as Pair[]) {
        if (isMerge(pair)) this.#merge(table, pair.value, path);
        else if (!Object.hasOwn(table, this.#key(pair))) this.#set(table, this.#key(pair), pair, path);
      }
    } else this.#fail(offsetOf(node), '<< must be a table or an alias of one');
  }

  #follow<T>(alias: { source: string }, read: (target: unknown) => T): T {
    const target = this.#anchors.get(alias.source);
    const name = `*${alias.source.slice(0, 60)}`;
    if (target === undefined) return this.#fail(offsetOf(alias), `${name} stands for nothing that comes before it`);
    if (this.#open.some((open) => open.target === target)) return this.#fail(offsetOf(alias), `${name} holds itself`);
    this.#open.push({ alias, target });
    const value = read(target);
    this.#open.pop();
    return value;
  }

  #remember(node: unknown): void {
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined && this.#open.length === 0) this.#anchors.set(anchor, node);
  }

  #key({ key }: Pair): string {
    if (!isScalar(key)) return this.#fail(offsetOf(key), 'a key must be a string');
    this.#remember(key);
    return typeof key.value === 'string' ? key.value : (key.source ?? '');
  }

  #scalar(node: unknown): TomlValue {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'bigint') return this.#integer(value, offsetOf(node));
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
    return this.#fail(offsetOf(node), 'a value must be a string, a number, true or false, a list or a table');
  }

  /** As TOML: whole up to 64 bits, and a bigint only where a number would lose digits. */
  #integer(value: bigint, offset: number): number | bigint {
    if (BigInt.asIntN(64, value) !== value)
      this.#fail(offset, 'a number does not fit into 64 bits; write it in quotes');
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
}

/** A quoted `<<` is a key like any other. */
function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.source === '<<' && key.type === Scalar.PLAIN;
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly [number, ...unknown[]] } | null)?.range?.[0] ?? 0;
}
