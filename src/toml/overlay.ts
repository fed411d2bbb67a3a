import { keyAt, namesIn } from './key-tree.ts';
import { identityOf } from './list-identity.ts';
import {
  annotate,
  isListOfTables,
  isTableNode,
  type ListOfTables,
  MergedPlaces,
  type Node,
  plain,
  type TableNode,
} from './overlay-node.ts';
import type { TomlDocument, TomlTable } from './parse.ts';
import { type Path, pathText, tableLabel } from './path.ts';
import { type Problem, problem } from './report.ts';

export interface Overlay {
  /** As messages name it. */
  readonly file: string;
  readonly document: TomlDocument;
}

/** What overlays have made of a document. */
export interface Overlaid extends TomlDocument {
  /** About the overlays. */
  readonly problems: readonly Problem[];
}

/**
 * A document with overlays merged into it, one after the other:
 * - tables merge, key by key;
 * - lists of tables that have a name (`identityOf`) merge element by element, new elements go behind the others, and
 *   `remove = true` in an element takes that of its name away;
 * - other lists, and all other values, replace what was there;
 * - `false` in the place of a table or of a list of tables, and an empty table, take it away.
 * Each value stands where it was written last; a table that merges stands where it was first.
 */
export function overlay(base: TomlDocument, overlays: readonly Overlay[]): Overlaid {
  const missed: TableNode[] = [];
  let merged = annotate(base.root, [], { places: base.locator });
  for (const { file, document } of overlays) {
    merged = mergeTables(merged, annotate(document.root, [], { places: document.locator, file }), [], missed);
  }
  const problems = missed.map(({ path, source: { places, file } }) => {
    const message = `${tableLabel(path)} with remove = true takes nothing away: there is none of its name`;
    return problem('noEffect', pathText(path), message, {
      ...places.locate(path),
      ...(file !== undefined && { file }),
    });
  });
  return {
    root: plain(merged) as TomlTable,
    locator: new MergedPlaces(
      merged,
      overlays.map(({ file }) => file),
    ),
    problems,
  };
}

function mergeTables(base: Node, over: Node, path: Path, missed: TableNode[]): Node {
  const merged = new Map(isTableNode(base) ? base.value : []);
  for (const [written, item] of isTableNode(over) ? over.value : []) {
    const key = spelling(merged, written, path);
    const value = mergeValues(merged.get(key), item, [...path, key], missed);
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
function mergeValues(base: Node | undefined, over: Node, path: Path, missed: TableNode[]): Node | undefined {
  if (isTableNode(over) && over.value.size === 0) return undefined;
  if (over.value === false && (isTableNode(base) || isListOfTables(base) || isKnownTable(path))) return undefined;
  const areLists = [base, over].some(isListOfTables) || (isTableNode(over) && isRemoval(over));
  const lists = areLists && [listOf(base), listOf(over)];
  if (lists && isListOfTables(lists[1]) && isNamed(lists[1], path)) return mergeLists(lists[0], lists[1], path, missed);
  if (isTableNode(over))
    return mergeTables(isTableNode(base) ? base : { ...over, value: new Map() }, over, path, missed);
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

const isNamed = (list: ListOfTables, path: Path): boolean =>
  list.value.length > 0 && list.value.some((item) => identityOf(path, plain(item) as TomlTable) !== undefined);

/** Undefined where nothing is left. */
function mergeLists(base: Node | undefined, over: ListOfTables, path: Path, missed: TableNode[]): Node | undefined {
  const items: Node[] = isListOfTables(base) ? [...base.value] : [];
  const known = items.map((item) => identityOf(path, plain(item) as TomlTable));
  for (const item of over.value) {
    const identity = identityOf(path, plain(item) as TomlTable);
    const found = identity === undefined ? -1 : known.lastIndexOf(identity);
    const index = found < 0 ? items.length : found;
    if (!isRemoval(item)) {
      items[index] = mergeTables(items[index] ?? { ...item, value: new Map() }, item, [...path, index], missed);
    } else if (found < 0) missed.push(item);
    else for (const list of [items, known]) list.splice(found, 1);
  }
  const { source, path: place } = base ?? over;
  return items.length > 0 ? { source, path: place, value: items } : undefined;
}

const isRemoval = ({ value }: TableNode): boolean =>
  [...value].some(([key, item]) => key.toLowerCase() === 'remove' && item.value === true);
