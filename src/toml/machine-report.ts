import type { ErrorName, RemarkName } from './codes.ts';
import type { Places } from './locate.ts';
import { isTable, type TomlTable, type TomlValue } from './parse.ts';
import { type Path, pathText, valueAt } from './path.ts';
import { type Problem, Report } from './report.ts';

/** Where the list of machines is in the document that is read from it. */
export const listKey = 'machines';

/** A report whose messages name the machine, and its fields as JSON has them: `machine web-1: config.init.cmd …`. */
export class MachineReport extends Report {
  readonly #root: TomlTable;

  constructor(places: Places, root: TomlTable) {
    super(places);
    this.#root = root;
  }

  override get problems(): readonly Problem[] {
    return super.problems.map((problem) => ({
      ...problem,
      path: problem.path.slice(listKey.length).replace(/^\./, ''),
    }));
  }

  override error(name: ErrorName, path: Path, message: string): void {
    this.fail(name, path, `${this.#label(path)} ${message}`);
  }

  override warn(name: RemarkName, path: Path, message: string): void {
    this.note(name, path, `${this.#label(path)} ${message}`);
  }

  override warnOfTable(name: RemarkName, path: Path, message: string): void {
    this.warn(name, path, message);
  }

  /** What the list has there. */
  valueAt(path: Path): TomlValue {
    return valueAt(this.#root, path) as TomlValue;
  }

  #label([, ...path]: Path): string {
    const isOne = isTable(this.#root[listKey]);
    const index = isOne ? undefined : path[0];
    const list = this.#root[listKey] as TomlValue[];
    const machine = (isOne ? this.#root[listKey] : list[Number(index)]) as TomlTable | undefined;
    const field = pathText(isOne ? path : path.slice(1));
    return `machine ${machineName(machine) ?? `number ${Number(index ?? 0) + 1}`}${field ? `: ${field}` : ''}`;
  }
}

/** As people know it. */
export function machineName({ name, id }: TomlTable = {}): string | undefined {
  return [name, id].find((word): word is string => typeof word === 'string' && word !== '');
}
