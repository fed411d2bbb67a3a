import { type Key, keyOf } from '../kube/types.ts';
import type { ReleasePlan } from '../release/plan.ts';
import type { Caches, StoredObject } from './caches.ts';
import type { CachedReleases } from './releases.ts';
import { secretsNaming } from './secrets-cached.ts';

/** Long enough for `kubectl apply -f` and GitOps tools to write what comes next. */
const settleMs = 500;
/** Where nothing but the App has made releases so far, something rarely comes with it, and then as the next thing. */
const aloneMs = 100;

/**
 * How long something has been as it is. Tools write the files of a folder one after the other, an App often before its
 * Secret, and all of it should become one release.
 */
export class Settling {
  readonly #seen = new Map<Key, { readonly state: string; readonly since: number }>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds until it has settled; 0 where it has. A state that was never seen before has begun now. */
  leftOf(key: Key, state: string, forMs = settleMs): number {
    const seen = this.#seen.get(key);
    if (seen?.state !== state) {
      this.#seen.set(key, { state, since: this.#now() });
      return forMs;
    }
    return Math.max(0, Math.ceil(seen.since + forMs - this.#now()));
  }

  /**
   * The same of an App and its Secrets before anything is planned, so that what is about to change again costs next to nothing: all
   * of it where its first release is to be made, else the shorter one. 0 for one with releases that was never seen
   * before: after a start nothing has changed.
   */
  leftForChange(app: StoredObject, caches: Pick<Caches, 'secrets' | 'revisions'>): number {
    const key = keyOf(app.metadata);
    const isReleased = caches.revisions.store.byIndex('app', key).length > 0;
    if (isReleased && !this.#seen.has(key)) return 0;
    return this.leftOf(key, stateOf(app, secretsNaming(key, caches)), isReleased ? aloneMs : settleMs);
  }

  /** The same for the next release; always 0 where none is to be made. */
  leftFor(
    app: StoredObject,
    plan: ReleasePlan,
    { revisions }: Pick<CachedReleases, 'revisions'>,
    caches: Pick<Caches, 'secrets'>,
  ): number {
    const key = keyOf(app.metadata);
    const secrets = secretsNaming(key, caches);
    const state = stateOf(app, secrets);
    if (!revisions.has(plan.current.version))
      return this.leftOf(key, state, revisions.size > 0 && secrets.length === 0 ? aloneMs : settleMs);
    this.#seen.set(key, { state, since: Number.NEGATIVE_INFINITY });
    return 0;
  }

  forget(key: Key): void {
    this.#seen.delete(key);
  }
}

const stateOf = (app: StoredObject, secrets: readonly StoredObject[]) =>
  [app, ...secrets].map(({ metadata }) => `${metadata.uid}/${metadata.generation}`).join(' ');
