import { SharedStrings } from './shared-strings.ts';
import { type Key, type KubeObject, keyOf } from './types.ts';

/** Puts an object under any number of values; objects that give none are not in the index. */
export type Indexer<T> = (object: T) => readonly string[];

export interface StoreOptions<T> {
  readonly indexes?: Readonly<Record<string, Indexer<T>>> | undefined;
  /** Makes an object smaller before it is kept. It gets an object of its own, which it may change and return. */
  readonly transform?: ((object: T) => T) | undefined;
  /** Deep-freeze what is kept, so that a reader who changes the cache fails. Default: outside production. */
  readonly freeze?: boolean | undefined;
}

/** `current` is absent after a deletion, `previous` before an addition. */
export interface Change<T> {
  readonly key: Key;
  readonly current: T | undefined;
  readonly previous: T | undefined;
}

/** Objects of one kind by key, and by the values of named indexes; without `managedFields`. Readers share the objects. */
export class Store<T extends KubeObject> {
  readonly #options: StoreOptions<T>;
  readonly #freeze: boolean;
  readonly #strings = new SharedStrings();
  #objects = new Map<Key, T>();
  #indexes: Map<string, Map<string, Keys>>;

  constructor(options: StoreOptions<T> = {}) {
    this.#options = options;
    this.#freeze = options.freeze ?? process.env.NODE_ENV !== 'production';
    this.#indexes = new Map(Object.keys(options.indexes ?? {}).map((name) => [name, new Map()]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: Key): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** Throws for an index that was not declared. */
  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`The store has no index "${name}"`);
    const keys = index.get(value);
    if (typeof keys === 'string') return [this.#objects.get(keys)!];
    return [...(keys ?? [])].map((key) => this.#objects.get(key)!);
  }

  /** Keeps one object. Takes the object over: the caller must not use it any more. */
  set(object: T): Change<T> {
    return this.#put(this.#slim(object));
  }

  delete(key: Key): Change<T> {
    const previous = this.#objects.get(key);
    if (previous) this.#unindex(key, previous);
    this.#objects.delete(key);
    return { key, current: undefined, previous };
  }

  /**
   * The object as it would be kept: the very one that is, where that is of the same version. Takes the object over. So a
   * long list can be made small while it is still coming in.
   */
  slim(object: T): T {
    const kept = this.#objects.get(keyOf(object.metadata));
    return kept && versionOf(kept) === versionOf(object) ? kept : this.#slim(object);
  }

  /** Keeps exactly these, which `slim` has made, all at once, and tells what is different, deletions included. */
  replace(all: readonly T[]): Change<T>[] {
    const next = new Store(this.#options);
    const before = this.#objects;
    const changes: Change<T>[] = [];
    for (const object of all) {
      const { key, current } = next.#put(object);
      const previous = before.get(key);
      if (previous !== current) changes.push({ key, current, previous });
    }
    for (const [key, previous] of before) {
      if (!next.#objects.has(key)) changes.push({ key, current: undefined, previous });
    }
    this.#objects = next.#objects;
    this.#indexes = next.#indexes;
    return changes;
  }

  #put(current: T): Change<T> {
    const key = keyOf(current.metadata);
    const previous = this.#objects.get(key);
    if (previous) this.#unindex(key, previous);
    this.#objects.set(key, current);
    this.#index(key, current);
    return { key, current, previous };
  }

  #slim(object: T): T {
    const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown };
    const slim = { ...object, metadata };
    const kept = this.#strings.in(this.#options.transform?.(slim) ?? slim);
    return this.#freeze ? deepFreeze(kept) : kept;
  }

  #index(key: Key, object: T): void {
    for (const [name, index] of this.#indexes) {
      for (const value of this.#options.indexes![name]!(object)) index.set(value, withKey(index.get(value), key));
    }
  }

  #unindex(key: Key, object: T): void {
    for (const [name, index] of this.#indexes) {
      for (const value of this.#options.indexes![name]!(object)) {
        const keys = index.get(value);
        if (keys === key) index.delete(value);
        else if (typeof keys === 'object' && keys.delete(key) && keys.size === 0) index.delete(value);
      }
    }
  }
}

/** Of the objects with one value. Mostly there is one, for which a Set would take 200 bytes. */
type Keys = Key | Set<Key>;

function withKey(keys: Keys | undefined, key: Key): Keys {
  if (keys === undefined || keys === key) return key;
  return typeof keys === 'string' ? new Set([keys, key]) : keys.add(key);
}

/** An object that was deleted and made again has another uid, and so another version. */
const versionOf = ({ metadata }: KubeObject) => `${metadata.uid}/${metadata.resourceVersion}`;

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
