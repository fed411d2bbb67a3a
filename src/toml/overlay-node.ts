import type { Places, Position } from './locate.ts';
import { isTable, type TomlTable, type TomlValue } from './parse.ts';
import type { Path } from './path.ts';

/** The text that a value is from; `file` is absent for the one that is overlaid. */
interface Source {
  readonly places: Places;
  readonly file?: string;
}

/** A value that knows where it was written. */
export interface Node {
  readonly source: Source;
  readonly path: Path;
  readonly value: Exclude<TomlValue, TomlTable | readonly TomlValue[]> | readonly Node[] | ReadonlyMap<string, Node>;
}
export type TableNode = Omit<Node, 'value'> & { readonly value: ReadonlyMap<string, Node> };
type ListNode = Omit<Node, 'value'> & { readonly value: readonly Node[] };
export type ListOfTables = Omit<Node, 'value'> & { readonly value: readonly TableNode[] };

/** A value of a document with all that is in it. */
export function annotate(value: TomlValue, path: Path, source: Source): Node {
  const below = (part: string | number, item: TomlValue) => annotate(item, [...path, part], source);
  if (Array.isArray(value)) return { source, path, value: value.map((item, index) => below(index, item)) };
  if (!isTable(value)) return { source, path, value: value as Exclude<TomlValue, TomlTable | readonly TomlValue[]> };
  return { source, path, value: new Map(Object.entries(value).map(([key, item]) => [key, below(key, item)])) };
}

export const isTableNode = (node: Node | undefined): node is TableNode => node?.value instanceof Map;
const isList = (node: Node | undefined): node is ListNode => Array.isArray(node?.value);
export const isListOfTables = (node: Node | undefined): node is ListOfTables =>
  isList(node) && node.value.every(isTableNode);

/** The value alone. */
export function plain({ value }: Node): TomlValue {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value as TomlValue;
  const table: Record<string, TomlValue> = Object.create(null);
  for (const [key, item] of value) table[key] = plain(item);
  return table;
}

/** Where the values of a merged document stand. */
export class MergedPlaces implements Places {
  readonly overlays: readonly string[];
  readonly #root: Node;

  constructor(root: Node, overlays: readonly string[]) {
    this.#root = root;
    this.overlays = overlays;
  }

  /** What is not there is where the table is that should have it. */
  locate(path: Path): Position {
    let [node, missing] = [this.#root, [] as Path];
    for (const [depth, part] of path.entries()) {
      const next = childOf(node, part);
      if (!next) {
        missing = path.slice(depth);
        break;
      }
      node = next;
    }
    const { places, file } = node.source;
    return { ...places.locate([...node.path, ...missing]), ...(file === undefined ? {} : { file }) };
  }
}

function childOf({ value }: Node, part: string | number): Node | undefined {
  if (value instanceof Map) return value.get(`${part}`);
  return Array.isArray(value) && typeof part === 'number' ? value[part] : undefined;
}
