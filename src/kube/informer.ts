import type { Client } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { KubeError } from './errors.ts';
import { afterFailure, afterPage, backoff, empty, isNews, type Position } from './list-watch.ts';
import { type Log, silent } from './log.ts';
import type { Selection } from './options.ts';
import type { Resource } from './resources.ts';
import { type Change, Store, type StoreOptions } from './store.ts';
import { type Key, type KubeObject, keyOf } from './types.ts';
import type { WatchEvent } from './watch-stream.ts';

export interface InformerOptions<T> extends Selection, StoreOptions<T> {
  readonly client: Pick<Client, 'list' | 'watch'>;
  readonly resource: Resource;
  /** Objects per page of a list. Default: 500. */
  readonly pageSize?: number;
  /**
   * Silence after which a watch is given up, in milliseconds. Default: 300,000, a little more than the time after which
   * the server ends every watch: bookmarks usually come each minute, but a kind that never changes may get none.
   */
  readonly idleTimeoutMs?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly log?: Log;
}

export type ChangeHandler<T> = (key: Key, current: T | undefined, previous: T | undefined) => void;

/**
 * Keeps a Store equal to what the API server has of one kind, by listing once and watching from there.
 *
 * - Never gives up: every failure is waited out, with a growing and jittered delay, from the last version seen.
 * - A change that happened while there was no watch is noticed: by the watch's history, or where that is gone by a new
 *   list, whose difference to the store is reported, deletions too.
 * - The store changes as a whole after a list, so that nobody sees half of one.
 * - Handlers run after the store has changed, in the order of changes, once per change. Several changes of one object
 *   may have become one. An object whose resourceVersion did not change is not reported, nor is an old event repeated
 *   by the server. A handler that throws is logged, and stops nothing.
 */
export class Informer<T extends KubeObject> {
  readonly store: Store<T>;
  readonly resource: Resource;
  /** Resolves when the store holds the first whole list; rejects if `stop` comes before. */
  readonly synced: Promise<void>;
  /** Which objects of the kind it looks at. */
  readonly selection: Selection;
  readonly #options: InformerOptions<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Log;
  readonly #idleTimeoutMs: number;
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #sync = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #position: Position<T> = empty;
  #running: Promise<void> | undefined;
  #failures = 0;
  /** Watches in a row that were too old as soon as they began. */
  #expiries = 0;
  #relists = 0;
  #restarts = 0;
  #lastActivity: number;

  constructor(options: InformerOptions<T>) {
    const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
    this.#options = options;
    this.selection = { namespace, labelSelector, fieldSelector, metadataOnly };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#log = options.log ?? silent;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 300_000;
    this.#lastActivity = this.#clock.now();
    this.store = new Store(options);
    this.resource = options.resource;
    this.synced = this.#sync.promise;
    this.synced.catch(() => {});
  }

  /** When the API server last sent something that was no error, in milliseconds since 1970. */
  get lastActivity(): number {
    return this.#lastActivity;
  }

  /** Lists begun anew because a version was gone. */
  get relists(): number {
    return this.#relists;
  }

  /** Failures after which a list or a watch was begun again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Whether the store may be behind: nothing came for longer than a healthy watch is ever silent. */
  isStale(now: number): boolean {
    return now - this.#lastActivity > this.#idleTimeoutMs + 60_000;
  }

  /** Add handlers before `start`: they hear of changes, not of what is there already. The result takes it back. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the watch is closed and no handler will run any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#sync.reject(
      new Error(`The informer of ${this.resource.plural} was stopped before its first list was complete`),
    );
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (this.#position.phase === 'listing') await this.#listPage(this.#position.items, this.#position.next);
        else await this.#watch(this.#position.resourceVersion);
      } catch (error) {
        if (!signal.aborted) await this.#failed(error);
      }
    }
  }

  async #listPage(items: readonly T[], next: string | undefined): Promise<void> {
    const { client, resource, pageSize = 500 } = this.#options;
    const { signal } = this.#stopping;
    const page = await client.list<T>(resource, { ...this.selection, limit: pageSize, continue: next, signal });
    this.#lastActivity = this.#clock.now();
    // Half of a list is `managedFields`, which would be there until the last page has come.
    const slim = page.items.map((item) => this.store.slim(item));
    const { position, all } = afterPage(items, { ...page, items: slim });
    if (all) this.#report(this.store.replace(all));
    this.#position = position;
    if (all) this.#sync.resolve();
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { client, resource } = this.#options;
    let openedAt: number | undefined;
    let isQuiet = true;
    const lasted = () => (openedAt === undefined ? 0 : this.#clock.monotonic() - openedAt);
    const events = client.watch<T>(resource, {
      ...this.selection,
      resourceVersion,
      allowBookmarks: true,
      // Spread, so that not all watches of all clients end in the same second.
      timeoutSeconds: Math.round(260 + 30 * this.#random()),
      idleTimeoutMs: this.#idleTimeoutMs,
      signal: this.#stopping.signal,
      onBytes: () => {
        openedAt ??= this.#clock.monotonic();
        this.#lastActivity = this.#clock.now();
      },
    });
    try {
      for await (const event of events) {
        isQuiet = false;
        this.#recovered();
        this.#take(event);
      }
    } finally {
      if (lasted() > 1000) this.#recovered();
    }
    if (isQuiet && lasted() < 1000 && !this.#stopping.signal.aborted) {
      throw new KubeError({ status: 0, reason: 'Unreachable', text: 'the watch was closed as soon as it was open' });
    }
  }

  #take({ type, object }: WatchEvent<T>): void {
    const version = object.metadata.resourceVersion;
    if (this.#position.phase !== 'watching' || !isNews(version, this.#position.resourceVersion)) return;
    if (type === 'DELETED') this.#report([this.store.delete(keyOf(object.metadata))]);
    else if (type !== 'BOOKMARK') this.#report([this.store.set(object)]);
    if (version) this.#position = { phase: 'watching', resourceVersion: version };
  }

  #report(changes: readonly Change<T>[]): void {
    for (const { key, current, previous } of changes) {
      if (current?.metadata.resourceVersion === previous?.metadata.resourceVersion) continue;
      for (const handler of this.#handlers) {
        try {
          handler(key, current, previous);
        } catch (error) {
          this.#log.error({ err: error, resource: this.resource.plural, key }, 'a handler of changes failed');
        }
      }
    }
  }

  #recovered(): void {
    this.#failures = 0;
    this.#expiries = 0;
  }

  async #failed(error: unknown): Promise<void> {
    this.#restarts++;
    const { phase } = this.#position;
    const place = afterFailure(this.#position, error);
    const isExpired = place !== this.#position;
    if (isExpired) this.#relists++;
    // A watch that has no history any more says that the server is back: only those before it hold up the list, nothing else that failed.
    this.#failures = isExpired && phase === 'watching' ? ++this.#expiries : this.#failures + 1;
    this.#position = place;
    const ms = backoff(this.#failures, error, this.#random);
    const fields = { resource: this.resource.plural, phase, retryMs: Math.round(ms), error: (error as Error).message };
    this.#log.warn(fields, 'lost the API server; trying again');
    await sleep(this.#clock, ms, this.#stopping.signal);
  }
}
