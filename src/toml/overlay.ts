import { keyAt, namesIn } from './key-tree.ts';
import { identityOf } from './list-identity.ts';
import type { Places, Position } from './locate.ts';
import { isTable, type TomlDocument, type TomlTable, type TomlValue } from './parse.ts';
import type { Path } from './path.ts';

export interface Overlay {
  /** As messages name it. */
  readonly file: string;
  readonly document: TomlDocument;
}

/**
 * A document with overlays merged into it, one after the other:
 * - tables merge, key by key;
 * - lists of tables that have a name (`identityOf`) merge element by element, new elements go behind the others;
 * - other lists, and all other values, replace what was there;
 * - `false` in the place of a table or of a list of tables, and an empty table, take it away.
 * Each value stands where it was written last; a table that merges stands where it was first.
 */
export function overlay(base: TomlDocument, overlays: readonly Overlay[]): TomlDocument {
  let merged = annotate(base.root, [], { places: base.locator });
  for (const { file, document } of overlays) {
    merged = mergeTables(merged, annotate(document.root, [], { places: document.locator, file }), []);
  }
  return { root: plain(merged) as TomlTable, locator: new MergedPlaces(merged, overlays) };
}

interface Source {
  readonly places: Places;
  readonly file?: string;
}

/** A value that knows where it was written. */
interface Node {
  readonly source: Source;
  readonly path: Path;
  readonly value: Exclude<TomlValue, TomlTable | readonly TomlValue[]> | readonly Node[] | ReadonlyMap<string, Node>;
}
type TableNode = Omit<Node, 'value'> & { readonly value: ReadonlyMap<string, Node> };
type ListNode = Omit<Node, 'value'> & { readonly value: readonly Node[] };

function annotate(value: TomlValue, path: Path, source: Source): Node {
  const below = (part: string | number, item: TomlValue) => annotate(item, [...path, part], source);
  if (Array.isArray(value)) return { source, path, value: value.map((item, index) => below(index, item)) };
  if (!isTable(value)) return { source, path, value: value as Exclude<TomlValue, TomlTable | readonly TomlValue[]> };
  return { source, path, value: new Map(Object.entries(value).map(([key, item]) => [key, below(key, item)])) };
}

const isTableNode = (node: Node | undefined): node is TableNode => node?.value instanceof Map;
const isList = (node: Node | undefined): node is ListNode => Array.isArray(node?.value);
const isListOfTables = (node: Node | undefined): node is ListNode => isList(node) && node.value.every(isTableNode);

function plain({ value }: Node): TomlValue {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value as TomlValue;
  const table: Record<string, TomlValue> = Object.create(null);
  for (const [key, item] of value) table[key] = plain(item);
  return table;
}

function mergeTables(base: Node, over: Node, path: Path): Node {
  const merged = new Map(isTableNode(base) ? base.value : []);
  for (const [written, item] of isTableNode(over) ? over.value : []) {
    const key = spelling(merged, written, path);
    const value = mergeValues(merged.get(key), item, [...path, key]);
    if (value) merged.set(key, value);
    else merged.delete(key);
  }
  return { ...base, value: merged };
}

/** What the base calls a key. The case of names that the file gives itself, such as variables, counts. */
function spelling(base: ReadonlyMap<string, Node>, written: string, path: Path): string {
  const [lower, table] = [written.toLowerCase(), keyAt(path)];
  if (base.has(written) || !table || !namesIn(table).includes(lower)) return written;
  return [...base.keys()].find((key) => key.toLowerCase() === lower) ?? written;
}

/** Undefined where nothing is left. */
function mergeValues(base: Node | undefined, over: Node, path: Path): Node | undefined {
  if (isTableNode(over) && over.value.size === 0) return undefined;
  if (over.value === false && (isTableNode(base) || isListOfTables(base) || isKnownTable(path))) return undefined;
  const lists = [base, over].some(isListOfTables) && [listOf(base), listOf(over)];
  if (lists && isListOfTables(lists[1]) && isNamed(lists[1], path)) return mergeLists(lists[0], lists[1], path);
  if (isTableNode(over)) return mergeTables(isTableNode(base) ? base : { ...over, value: new Map() }, over, path);
  return over;
}

function isKnownTable(path: Path): boolean {
  const table = keyAt(path);
  return table !== undefined && namesIn(table).length > 0;
}

/** A single table is a list of one, as everywhere in fly.toml. */
function listOf(node: Node | undefined): Node | undefined {
  return isTableNode(node) ? { ...node, value: [node] } : node;
}

const isNamed = (list: ListNode, path: Path): boolean =>
  list.value.length > 0 && list.value.some((item) => identityOf(path, plain(item) as TomlTable) !== undefined);

function mergeLists(base: Node | undefined, over: ListNode, path: Path): Node {
  const known = isListOfTables(base) ? base.value.map((item) => identityOf(path, plain(item) as TomlTable)) : [];
  const items: Node[] = isListOfTables(base) ? [...base.value] : [];
  for (const item of over.value) {
    const identity = identityOf(path, plain(item) as TomlTable);
    const found = identity === undefined ? -1 : known.lastIndexOf(identity);
    const index = found < 0 ? items.length : found;
    items[index] = mergeTables(items[index] ?? { ...item, value: new Map() }, item, [...path, index]);
  }
  const { source, path: place } = base ?? over;
  return { source, path: place, value: items };
}

class MergedPlaces implements Places {
  readonly overlays: readonly string[];
  readonly #root: Node;

  constructor(root: Node, overlays: readonly Overlay[]) {
    this.#root = root;
    this.overlays = overlays.map(({ file }) => file);
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
