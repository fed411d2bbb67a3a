import { type CodeName, codes, type ErrorName, type RemarkName, type Severity } from './codes.ts';
import type { Places, Position } from './locate.ts';
import { keyLabel, type Path, pathText, tableLabel } from './path.ts';

/** Something to say about a place in a fly.toml. With an error there is no result. */
export interface Problem extends Position {
  readonly severity: Severity;
  /** `AF012`: stable, for CI and for documentation. */
  readonly code: string;
  /** The key it speaks of: `services[1].ports[0].port`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** What a conversion found. It also knows which keys were read, so that none is lost in silence. */
export class Report {
  readonly #places: Places;
  /** By path and message, so that nothing is said twice. */
  readonly #problems = new Map<string, Problem>();
  readonly #spoken = new Set<string>();
  readonly #read = new Set<string>();
  readonly #opened = new Set<string>();
  readonly #done = new Set<string>();
  readonly #replaced = new Set<string>();
  /** What is not in the App, as a problem says. */
  readonly #leftOut = new Set<string>();
  readonly #origins = new WeakMap<object, Path[]>();

  /** `problems`: what has been found before. */
  constructor(places: Places, problems: readonly Problem[] = []) {
    this.#places = places;
    for (const [index, found] of problems.entries()) this.#problems.set(`${index}`, found);
  }

  /** In the order of the file, and then of its overlays. */
  get problems(): readonly Problem[] {
    const rank = ({ file }: Problem) => (file === undefined ? -1 : this.#places.overlays.indexOf(file));
    return [...this.#problems.values()].sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
  }

  get hasErrors(): boolean {
    return [...this.#problems.values()].some(({ severity }) => severity === 'error');
  }

  /** `message` goes on where the name of the key ends: `[deploy] strategy` + ` must be …`. */
  error(name: ErrorName, path: Path, message: string): void {
    this.#add(name, path, `${keyLabel(path)} ${message}`);
  }

  warn(name: RemarkName, path: Path, message: string): void {
    this.#add(name, path, `${keyLabel(path)} ${message}`);
  }

  warnOfTable(name: RemarkName, path: Path, message: string): void {
    this.#add(name, path, `${tableLabel(path)} ${message}`);
  }

  /** An error about the whole, which stands where `path` would be. */
  fail(name: ErrorName, path: Path, message: string): void {
    this.#add(name, path, message);
  }

  /** The same of a remark. */
  note(name: RemarkName, path: Path, message: string): void {
    this.#add(name, path, message);
  }

  /** Whether a problem is about this key. */
  hasSpokenOf(path: Path): boolean {
    return this.#spoken.has(JSON.stringify(path));
  }

  markRead(path: Path): void {
    this.#read.add(JSON.stringify(path));
  }

  wasRead(path: Path): boolean {
    return this.#read.has(JSON.stringify(path));
  }

  /** A table whose keys are read one by one. */
  markOpened(path: Path): void {
    this.#opened.add(JSON.stringify(path));
  }

  wasOpened(path: Path): boolean {
    return this.#opened.has(JSON.stringify(path));
  }

  /** A table of which all has been said, whatever else is in it. */
  markDone(path: Path): void {
    this.#done.add(JSON.stringify(path));
  }

  isDone(path: Path): boolean {
    return this.#done.has(JSON.stringify(path));
  }

  /** A key that an option of the user goes before. */
  markReplaced(path: Path): void {
    this.#replaced.add(JSON.stringify(path));
  }

  wasReplaced(path: Path): boolean {
    return this.#replaced.has(JSON.stringify(path));
  }

  /** Whether a problem says that a key, or a table that it is in, is not in the result. */
  isLeftOut(path: Path): boolean {
    return path.some((_, index) => this.#leftOut.has(JSON.stringify(path.slice(0, index + 1))));
  }

  /** Remembers where a part of the result comes from; some come from several places. */
  made<T extends object>(part: T, path: Path): T {
    this.#origins.set(part, [...(this.#origins.get(part) ?? []), path]);
    return part;
  }

  originsOf(part: object): readonly Path[] {
    return this.#origins.get(part) ?? [];
  }

  locate(path: Path): Position {
    return this.#places.locate(path);
  }

  #add(name: CodeName, path: Path, message: string): void {
    const key = JSON.stringify(path);
    if ('leavesOut' in codes[name]) this.#leftOut.add(key);
    this.#spoken.add(key);
    this.#problems.set(key + message, problem(name, pathText(path), message, this.#places.locate(path)));
  }
}

export function problem(name: CodeName, path: string, message: string, position: Position): Problem {
  const { code, severity } = codes[name];
  return { severity, code, path, message: clipped(message), ...position };
}

/** Values of the file may be in it; of what is long the middle is left out. */
function clipped(message: string): string {
  return message.length > 600 ? `${message.slice(0, 300)} … ${message.slice(-200)}` : message;
}
