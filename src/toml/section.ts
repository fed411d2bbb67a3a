import type { ErrorName, RemarkName } from './codes.ts';
import { isTable, TomlDate, type TomlTable, type TomlValue } from './parse.ts';
import type { Path } from './path.ts';
import type { Report } from './report.ts';

/**
 * A table of the file that is read key by key. A value of another type than asked for is an error of its line. Keys
 * are found in any case, as in flyctl (Go's encoding/json).
 */
export class Section {
  readonly report: Report;
  readonly path: Path;
  readonly #table: TomlTable;
  #spellings: ReadonlyMap<string, string> | undefined;

  constructor(report: Report, path: Path, table: TomlTable) {
    this.report = report;
    this.path = path;
    this.#table = table;
    report.markOpened(path);
  }

  /** The keys as they are written. */
  keys(): string[] {
    return Object.keys(this.#table);
  }

  has(key: string): boolean {
    return this.#table[this.spelling(key)] !== undefined;
  }

  at(key: string): Path {
    return [...this.path, this.spelling(key)];
  }

  /** Any value. Whoever reads it takes care of all that is in it. */
  value(key: string): TomlValue | undefined {
    const value = this.#table[this.spelling(key)];
    if (value !== undefined) this.report.markRead(this.at(key));
    return value;
  }

  string(key: string): string | undefined {
    return this.#typed(key, 'a string in quotes', (value) => (typeof value === 'string' ? value : undefined));
  }

  /** A string that says something; an empty one is as good as none. */
  text(key: string): string | undefined {
    return this.string(key) || undefined;
  }

  boolean(key: string): boolean | undefined {
    return this.#typed(key, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  number(key: string): number | undefined {
    return this.#typed(key, 'a number', (value) => (typeof value === 'number' ? value : undefined));
  }

  integer(key: string, { min, max }: { min: number; max: number }): number | undefined {
    const value = this.#typed(key, 'a whole number', (given) =>
      typeof given === 'bigint' ? Number(given) : Number.isInteger(given) ? (given as number) : undefined,
    );
    if (value === undefined || (value >= min && value <= max)) return value;
    return this.wrong(key, `must be between ${min} and ${max}, not ${value}`);
  }

  /** flyctl reads the ports of services from strings too. */
  port(key: string): number | undefined {
    const value = this.#table[this.spelling(key)];
    if (typeof value !== 'string') return this.integer(key, { min: 1, max: 65535 });
    this.report.markRead(this.at(key));
    const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
    return port >= 1 && port <= 65535 ? port : this.wrong(key, `must be a port between 1 and 65535, not "${value}"`);
  }

  /** A list of strings; a single string is a list of one. */
  strings(key: string): string[] | undefined {
    const found = this.#typed(key, 'a list of strings in quotes', (value) => {
      const list = typeof value === 'string' ? [value] : value;
      return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
    });
    return found && this.report.made(found, this.at(key));
  }

  /** One of some words, in any case; `words` maps what Fly calls it to what an App calls it. */
  choice<T extends string>(key: string, words: Readonly<Record<string, T>>): T | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    const word = Object.keys(words).find((known) => known.toLowerCase() === value.toLowerCase());
    if (word !== undefined) return words[word];
    return this.wrong(key, `must be one of ${Object.keys(words).join(', ')}, not "${value}"`);
  }

  /** A table that is there once. */
  section(key: string): Section | undefined {
    const [first, ...others] = this.sections(key);
    if (others.length > 0) this.wrong(key, `must be one table, [${this.spelling(key)}], not ${others.length + 1}`);
    return first;
  }

  /** The tables of an array of tables; a single table is an array of one. */
  sections(key: string): Section[] {
    const value = this.#table[this.spelling(key)];
    if (isTable(value)) return [new Section(this.report, this.at(key), value)];
    if (Array.isArray(value) && value.every(isTable)) {
      this.report.markOpened(this.at(key));
      return value.map((item, index) => new Section(this.report, [...this.at(key), index], item));
    }
    if (value !== undefined) this.wrong(key, `must be a table, not ${typeName(value)}`, 'wrongType');
    return [];
  }

  /** A key that another one goes before. */
  overridden(key: string, message: string): void {
    this.warn('overridden', key, `is not converted: ${message}`);
  }

  warn(name: RemarkName, key: string, message: string): void {
    this.report.markRead(this.at(key));
    this.report.warn(name, this.at(key), message);
  }

  /** A warning about the table as a whole, after which nothing more is said of it. */
  warnAll(name: RemarkName, message: string): void {
    this.report.markDone(this.path);
    this.report.warnOfTable(name, this.path, message);
  }

  /** An error of a key. Returns undefined, so that a reader can end with it. */
  wrong(key: string, message: string, name: ErrorName = 'wrongValue'): undefined {
    this.report.markRead(this.at(key));
    this.report.error(name, this.at(key), message);
  }

  /** A value that must be there. `standIn` takes its place in a result that nobody sees, because there is an error. */
  required<T>(key: string, value: T | undefined, standIn: T): T {
    if (!this.has(key)) this.report.error('missingKey', this.at(key), 'is missing');
    return value ?? standIn;
  }

  /** Remembers that a part of the result comes from here. */
  made<T extends object>(part: T): T {
    return this.report.made(part, this.path);
  }

  spelling(key: string): string {
    if (this.#table[key] !== undefined) return key;
    // The first one of several that differ in case counts.
    this.#spellings ??= new Map(
      this.keys()
        .reverse()
        .map((written) => [written.toLowerCase(), written]),
    );
    return this.#spellings.get(key) ?? key;
  }

  #typed<T>(key: string, wanted: string, read: (value: TomlValue) => T | undefined): T | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    return read(value) ?? this.wrong(key, `must be ${wanted}, not ${typeName(value)}`, 'wrongType');
  }
}

/** A value as a message names it. */
export function typeName(value: TomlValue): string {
  if (Array.isArray(value)) return value.some(isTable) ? 'an array of tables' : 'a list';
  if (value instanceof TomlDate) return 'a date; write it in quotes';
  if (isTable(value)) return 'a table';
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 60))}`;
  return typeof value === 'boolean' ? `${value}` : `the number ${value}`;
}

/** The fields of `part` that say something. */
export function given<T extends object>(part: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as never;
}
