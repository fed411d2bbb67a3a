import { type Clock, systemClock } from '../kube/clock.ts';
import type { Key } from '../kube/types.ts';

/** Told what happens to keys, for metrics; times in seconds. */
export interface QueueObserver {
  added(depth: number): void;
  retried(): void;
  taken(depth: number, waited: number): void;
  done(worked: number): void;
}

export interface QueueOptions {
  readonly observer?: QueueObserver;
  readonly clock?: Clock;
  /** First and longest pause before a failed key is tried again, in milliseconds; doubled per failure. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

/** A timer of Node.js that is set to more fires at once. */
const longestWaitMs = 2 ** 31 - 1;

/**
 * Keys that wait for work, with the semantics of client-go's work queue (client-go, util/workqueue/queue.go):
 *
 * - A key that waits already is not added again, however many events there are.
 * - A key is never worked on twice at once; added meanwhile, it waits until `done` and comes again.
 * - `retry` waits longer after each failure of the same key, until `forget`.
 */
export class Queue {
  readonly #observer: QueueObserver | undefined;
  readonly #clock: Clock;
  readonly #minBackoffMs: number;
  readonly #maxBackoffMs: number;
  /** In the order in which they came, with the time. */
  readonly #waiting = new Map<Key, number>();
  /** With the time at which the work began. */
  readonly #working = new Map<Key, number>();
  readonly #again = new Set<Key>();
  readonly #failures = new Map<Key, number>();
  readonly #delayed = new Map<Key, { at: number; cancel: () => void }>();
  readonly #takers: ((key: Key | undefined) => void)[] = [];
  #isClosed = false;

  constructor({ observer, clock = systemClock, minBackoffMs = 5, maxBackoffMs = 1_000_000 }: QueueOptions = {}) {
    this.#observer = observer;
    this.#clock = clock;
    this.#minBackoffMs = minBackoffMs;
    this.#maxBackoffMs = maxBackoffMs;
  }

  /** Keys that wait. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** How long each key that is being worked on has been, in seconds. */
  get unfinished(): number[] {
    const now = this.#clock.monotonic();
    return [...this.#working.values()].map((since) => (now - since) / 1000);
  }

  add(key: Key): void {
    if (this.#isClosed || this.#waiting.has(key)) return;
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.set(key, this.#clock.monotonic());
    this.#observer?.added(this.#waiting.size);
    const taker = this.#takers.shift();
    if (taker) taker(this.#take());
  }

  /** Adds a key later, after 24 days at the latest; of several delays of one key the shortest counts. */
  addAfter(key: Key, ms: number): void {
    if (this.#isClosed) return;
    const wait = Math.min(ms, longestWaitMs);
    const at = this.#clock.monotonic() + wait;
    const sooner = this.#delayed.get(key);
    if (sooner && sooner.at <= at) return;
    sooner?.cancel();
    // A delay of nothing is a timer too, so that a key that fails at once lets others in.
    const cancel = this.#clock.after(wait, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, cancel });
  }

  /** Adds a key that has failed, after a pause that doubles with each failure in a row, and is not below `least`. */
  retry(key: Key, least = 0): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#observer?.retried();
    this.addAfter(key, Math.max(least, Math.min(this.#minBackoffMs * 2 ** failures, this.#maxBackoffMs)));
  }

  /** Ends the count of failures of a key. */
  forget(key: Key): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; undefined once the queue is closed. `done` must follow. */
  take(): Promise<Key | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    if (this.#waiting.size > 0) return Promise.resolve(this.#take());
    const { promise, resolve } = Promise.withResolvers<Key | undefined>();
    this.#takers.push(resolve);
    return promise;
  }

  done(key: Key): void {
    const since = this.#working.get(key);
    this.#working.delete(key);
    if (since !== undefined) this.#observer?.done((this.#clock.monotonic() - since) / 1000);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Gives out no more keys; what is being worked on may end. */
  close(): void {
    this.#isClosed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #take(): Key | undefined {
    const [first] = this.#waiting;
    if (!first) return undefined;
    const [key, since] = first;
    const now = this.#clock.monotonic();
    this.#waiting.delete(key);
    this.#working.set(key, now);
    this.#observer?.taken(this.#waiting.size, (now - since) / 1000);
    return key;
  }
}
