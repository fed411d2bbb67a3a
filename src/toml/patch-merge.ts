import type { JsonSchema } from '../api/structural.ts';
import { isTable, TomlDate, type TomlTable, type TomlValue } from './parse.ts';
import type { Path } from './path.ts';

export interface MergeOptions {
  /** Of the value: which fields there are, and by which keys elements of lists are told apart. */
  readonly schema: JsonSchema;
  /** The keys that are to be taken away, by the path in the patch, as JSON, of the map they are in. */
  readonly nulls: ReadonlyMap<string, readonly string[]>;
  /** Told of each value that is written: its path in the result, and in the patch. */
  readonly wrote: (path: Path, from: Path) => void;
  /** Told of each field that the schema does not have. */
  readonly unknown: (path: Path, from: Path) => void;
}

interface Place {
  readonly schema: JsonSchema;
  readonly path: Path;
  readonly from: Path;
}

/** A value with a patch merged into it, as `kubectl patch --type strategic` does with built-in kinds. */
export function mergePatch(value: unknown, patch: TomlTable, options: MergeOptions): object {
  return mergeMap(value, patch, { schema: options.schema, path: [], from: [] }, options);
}

function mergeMap(value: unknown, patch: TomlTable, place: Place, options: MergeOptions): object {
  options.wrote(place.path, place.from);
  const merged = new Map<string, unknown>(isObject(value) ? Object.entries(value) : []);
  for (const name of options.nulls.get(JSON.stringify(place.from)) ?? []) merged.delete(name);
  for (const [name, item] of Object.entries(patch)) {
    const below = step(place, name);
    if (below) merged.set(name, mergeValue(merged.get(name), item, below, options));
    else options.unknown([...place.path, name], [...place.from, name]);
  }
  return Object.fromEntries(merged);
}

function mergeValue(value: unknown, patch: TomlValue, place: Place, options: MergeOptions): unknown {
  if (isTable(patch)) return mergeMap(value, patch, place, options);
  options.wrote(place.path, place.from);
  if (!Array.isArray(patch)) return patch instanceof TomlDate ? patch.text : patch;
  const keys = place.schema['x-kubernetes-list-map-keys'] as readonly string[] | undefined;
  const items: unknown[] = keys && Array.isArray(value) ? [...value] : [];
  const known = keys ? items.map((item) => identityOf(item, keys)) : [];
  for (const [from, item] of patch.entries()) {
    const at = keys ? known.lastIndexOf(identityOf(item, keys)) : -1;
    const index = at < 0 ? items.length : at;
    const below = { schema: place.schema.items ?? {}, path: [...place.path, index], from: [...place.from, from] };
    items[index] = mergeValue(items[index], item, below, options);
  }
  return items;
}

function identityOf(item: unknown, keys: readonly string[]): string {
  const fields = isObject(item) ? (item as Record<string, unknown>) : {};
  return JSON.stringify(keys.map((key) => (typeof fields[key] === 'object' ? null : String(fields[key]))));
}

function step({ schema, path, from }: Place, name: string): Place | undefined {
  const { properties, additionalProperties } = schema;
  const isFree = !properties && additionalProperties === undefined;
  const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
  const below = own ?? (isFree || additionalProperties === true ? {} : additionalProperties || undefined);
  return below && { schema: below, path: [...path, name], from: [...from, name] };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
