import type { Store } from '../kube/store.ts';
import { type Key, type KubeObject, keyOf } from '../kube/types.ts';

/** Longest wait for the cache: by then what was written has been deleted again by somebody else. */
const patienceMs = 5000;

interface Expected {
  readonly versions: ReadonlyMap<Key, bigint>;
  readonly until: number;
}

/**
 * What was written and may not have come back through the cache yet. Most decisions stand being made twice; that a
 * release is a new one does not, so it waits until the cache has seen the last one.
 */
export class Expectations {
  readonly #expected = new Map<Key, Expected>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Remembers what the API server answered to writes on behalf of `owner`. */
  expect(owner: Key, written: readonly KubeObject[]): void {
    if (written.length === 0) return;
    const versions = new Map(written.map((object) => [keyOf(object.metadata), versionOf(object)]));
    this.#expected.set(owner, { versions, until: this.#now() + patienceMs });
  }

  /** Whether the cache is as new as what was written. */
  areMet(owner: Key, store: Pick<Store<KubeObject>, 'get'>): boolean {
    const expected = this.#expected.get(owner);
    if (!expected) return true;
    const isSeen = ([key, version]: [Key, bigint]) => versionOf(store.get(key)) >= version;
    if (this.#now() < expected.until && ![...expected.versions].every(isSeen)) return false;
    this.#expected.delete(owner);
    return true;
  }
}

/** Versions can be compared: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
function versionOf(object: KubeObject | undefined): bigint {
  return BigInt(object?.metadata.resourceVersion ?? 0);
}
