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

  /** The same of an App and its Secrets; always 0 where no new release of them is to be made. */
  leftFor(
    app: StoredObject,
    plan: ReleasePlan,
    { revisions }: Pick<CachedReleases, 'revisions'>,
    caches: Pick<Caches, 'secrets'>,
  ): number {
    if (!revisions.has(plan.current.version)) return this.#leftOfAll(app, revisions.size > 0, caches);
    this.forget(keyOf(app.metadata));
    return 0;
  }

  /** The same of an App without any release, for which one is to be made in any case: nothing needs to be planned to know. */
  leftForFirst(app: StoredObject, caches: Pick<Caches, 'secrets' | 'revisions'>): number {
    const isFirst = caches.revisions.store.byIndex('app', keyOf(app.metadata)).length === 0;
    return isFirst ? this.#leftOfAll(app, false, caches) : 0;
  }

  #leftOfAll(app: StoredObject, isReleased: boolean, caches: Pick<Caches, 'secrets'>): number {
    const key = keyOf(app.metadata);
    const secrets = secretsNaming(key, caches);
    const state = [app, ...secrets].map(({ metadata }) => `${metadata.uid}/${metadata.generation}`).join(' ');
    return this.leftOf(key, state, isReleased && secrets.length === 0 ? aloneMs : settleMs);
  }

  forget(key: Key): void {
    this.#seen.delete(key);
  }
}
