import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../kube/clock.ts';
import { isConflict, KubeError } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import { type Key, splitKey } from '../kube/types.ts';
import { type Metrics, type ReconcileResult, reconcileResults } from '../metrics.ts';
import { Queue } from './queue.ts';
import { observeQueue } from './queue-metrics.ts';
import { TerminalError } from './terminal-error.ts';

export interface Outcome {
  /** Look again after this many milliseconds, though nothing may have changed. */
  readonly requeueAfterMs?: number;
}

/**
 * Makes one object what it should be, from what is there now and never from the event that led here. May be called at
 * any time and any number of times. A TerminalError is not retried unless it says when; anything else that is thrown is,
 * more and more slowly.
 */
export type Reconcile = (key: Key, context: { readonly signal: AbortSignal }) => Promise<Outcome | undefined>;

export interface ControllerOptions {
  /** As it is called in logs and metrics: `app`. */
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly workers: number;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock?: Clock;
}

/** How long work that waits for nothing may go on, in milliseconds, before timers and answers have their turn. */
const longestTurnMs = 20;

/** Works off the keys of one kind. */
export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #queue: Queue;
  readonly #abort = new AbortController();
  #workers: Promise<void>[] = [];
  #turnBegan = performance.now();

  constructor(options: ControllerOptions) {
    const { name, metrics, workers, clock } = options;
    this.name = name;
    this.#options = options;
    this.#queue = new Queue({ observer: observeQueue(metrics, name, () => this.#queue), ...(clock && { clock }) });
    metrics.maxConcurrent.set({ controller: name }, workers);
    metrics.activeWorkers.set({ controller: name }, 0);
    for (const result of reconcileResults) metrics.reconciles.inc({ controller: name, result }, 0);
    metrics.reconcileErrors.inc({ controller: name }, 0);
    metrics.terminalErrors.inc({ controller: name }, 0);
  }

  /** May be called before `start`, and for a key that waits already. */
  enqueue(key: Key): void {
    this.#queue.add(key);
  }

  start(): void {
    this.#workers = Array.from({ length: this.#options.workers }, () => this.#work());
  }

  /** Takes no more keys, and resolves when what is under way has ended. */
  async drain(): Promise<void> {
    this.#queue.close();
    await Promise.all(this.#workers);
  }

  /** Asks what is under way to end at once. */
  abort(): void {
    this.#queue.close();
    this.#abort.abort(new Error('the operator stops'));
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      this.#options.metrics.activeWorkers.inc({ controller: this.name });
      await this.#reconcile(key);
      this.#queue.done(key);
      this.#options.metrics.activeWorkers.dec({ controller: this.name });
      await this.#giveWay();
    }
  }

  /**
   * What finds nothing to do has waited for nothing. Thousands of such keys in a row, as after a start, would hold up everything
   * else: the lease that has to be renewed, probes, watches.
   */
  async #giveWay(): Promise<void> {
    if (performance.now() - this.#turnBegan < longestTurnMs) return;
    await setImmediate();
    this.#turnBegan = performance.now();
  }

  async #reconcile(key: Key): Promise<void> {
    const began = performance.now();
    const reconcileID = randomUUID();
    let result: ReconcileResult;
    let failure: unknown;
    try {
      const outcome = await this.#options.reconcile(key, { signal: this.#abort.signal });
      this.#queue.forget(key);
      if (outcome?.requeueAfterMs) this.#queue.addAfter(key, outcome.requeueAfterMs);
      result = outcome?.requeueAfterMs ? 'requeue_after' : 'success';
    } catch (error) {
      failure = error ?? new Error(`the reconcile threw ${error}`);
      result = this.#failed(key, error);
    }
    this.#tell(key, result, { reconcileID, seconds: (performance.now() - began) / 1000, failure });
  }

  #failed(key: Key, error: unknown): ReconcileResult {
    if (error instanceof TerminalError) {
      this.#queue.forget(key);
      if (error.recheckMs) this.#queue.addAfter(key, error.recheckMs);
      return 'terminal_error';
    }
    const asked = error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    this.#queue.retry(key, asked);
    // Somebody else was faster; what changed is on its way here.
    return isConflict(error) ? 'requeue_after' : 'error';
  }

  #tell(key: Key, result: ReconcileResult, about: { reconcileID: string; seconds: number; failure: unknown }): void {
    const { metrics, log, name } = this.#options;
    const { reconcileID, seconds, failure } = about;
    metrics.reconciles.inc({ controller: name, result });
    metrics.reconcileSeconds.observe({ controller: name }, seconds);
    if (result === 'error') metrics.reconcileErrors.inc({ controller: name });
    if (result === 'terminal_error') metrics.terminalErrors.inc({ controller: name });
    const fields = { controller: name, ...splitKey(key), reconcileID, ms: Math.round(seconds * 1000), result };
    if (failure === undefined) log.info(fields, 'reconciled');
    else if (result === 'requeue_after')
      log.debug({ ...fields, error: (failure as Error).message }, 'in conflict; again');
    else if (failure instanceof TerminalError || failure instanceof KubeError)
      log.warn({ ...fields, error: failure.message }, 'not reconciled');
    else log.error({ ...fields, err: failure }, 'not reconciled');
  }
}
