import type { Client } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { isConflict, isNotFound } from './errors.ts';
import { claimed, isFree, type Lease, released, type Sighting, sight } from './lease-claim.ts';
import { type Log, silent } from './log.ts';
import { leases } from './resources.ts';

export interface LeaderElectionOptions {
  readonly client: Pick<Client, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  /** Of the Lease; whoever uses the same name competes. */
  readonly name: string;
  /** Unique per process, such as the pod's name. */
  readonly identity: string;
  /** How long others wait for a leader that is silent. Default: 12,000. */
  readonly leaseDurationMs?: number;
  /** How long the leader tries to renew before it steps down; less than the duration. Default: 10,000. */
  readonly renewDeadlineMs?: number;
  /** Between two tries of the leader. Default: 2,000. */
  readonly retryPeriodMs?: number;
  /** Between two looks of whoever waits. Default: 1,000. */
  readonly candidatePeriodMs?: number;
  /**
   * Called once, when leadership ends other than by `stop`. It runs before anybody else can be leader, and must end
   * whatever only a leader may do; usually the process.
   */
  readonly onLost: () => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly log?: Log;
}

/**
 * Leader election by a Lease. At most one process leads, as long as clocks run at about the same speed; they need not show the
 * same time. Another one leads at most 15 s after a crash: who waits has seen the last renewal a look late, lets the duration
 * pass, and finds out at the next look. controller-runtime waits for 15 s alone, and looks every 2 s.
 */
export class LeaderElection {
  /** Resolves when this process leads; rejects if `stop` comes before. */
  readonly elected: Promise<void>;
  readonly #options: LeaderElectionOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Log;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  readonly #candidateMs: number;
  readonly #election = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #sighting: Sighting | undefined;
  /** When the last successful claim was sent: others count from later than that. */
  #claimedAt: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#log = options.log ?? silent;
    this.#durationMs = options.leaseDurationMs ?? 12_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryPeriodMs ?? 2_000;
    this.#candidateMs = options.candidatePeriodMs ?? 1_000;
    if (this.#deadlineMs >= this.#durationMs) throw new Error('renewDeadlineMs must be less than leaseDurationMs');
    this.elected = this.#election.promise;
    this.elected.catch(() => {});
  }

  /** Whether this process leads now; false at the latest when others may take over, even after the process was frozen. */
  get isLeader(): boolean {
    return this.#claimedAt !== undefined && this.#clock.monotonic() - this.#claimedAt < this.#durationMs;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Steps down and lets the Lease go, so that another can lead at once. Call it when the leader's work has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#election.reject(new Error('stopped before this process was elected'));
    if (!this.#running) return;
    await this.#running;
    await this.#release();
    this.#claimedAt = undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !(await this.#attempt(this.#deadlineMs))) await this.#pause(this.#candidateMs);
    if (signal.aborted) return;
    this.#log.info({ lease: this.#options.name, identity: this.#options.identity }, 'leads');
    this.#election.resolve();
    while (await this.#keep()) await this.#pause(this.#retryMs);
    if (signal.aborted) return;
    this.#claimedAt = undefined;
    this.#log.error({ lease: this.#options.name, identity: this.#options.identity }, 'lost the leadership');
    this.#options.onLost();
  }

  /** Renews, and again until the deadline; false when the Lease is another's, or the time is over. */
  async #keep(): Promise<boolean> {
    const left = () => this.#claimedAt! + this.#deadlineMs - this.#clock.monotonic();
    while (!this.#stopping.signal.aborted && left() > 0) {
      if (await this.#attempt(left())) return true;
      if (this.#sighting?.lease.spec?.holderIdentity !== this.#options.identity) return false;
      await sleep(this.#clock, Math.max(0, Math.min(this.#retryMs, left())), this.#stopping.signal);
    }
    return false;
  }

  /** One try to take or renew the Lease, short enough to leave time for another one. Whatever fails is logged. */
  async #attempt(left: number): Promise<boolean> {
    const stopping = this.#stopping.signal;
    try {
      const ms = Math.min(left, this.#deadlineMs / 2);
      return await this.#within(ms, (timeout) => this.#claim(AbortSignal.any([timeout, stopping])));
    } catch (error) {
      const fields = { lease: this.#options.name, error: (error as Error).message };
      if (!stopping.aborted) this.#log.warn(fields, 'cannot claim the lease');
      return false;
    }
  }

  async #claim(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity } = this.#options;
    const claimant = { identity, durationMs: this.#durationMs };
    const found = await this.#read(signal);
    if (found && !isFree(found, identity, this.#clock.monotonic())) return false;
    const sentAt = this.#clock.monotonic();
    const claim = claimed(found?.lease ?? { metadata: { namespace, name } }, claimant, this.#clock.now());
    try {
      const write = found ? client.replace(leases, claim, { signal }) : client.create(leases, claim, { signal });
      this.#sighting = sight(undefined, await write, this.#clock.monotonic());
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
    this.#claimedAt = sentAt;
    return true;
  }

  async #read(signal: AbortSignal): Promise<Sighting | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      const lease = await client.get<Lease>(leases, { namespace, name }, { signal });
      this.#sighting = sight(this.#sighting, lease, this.#clock.monotonic());
      return this.#sighting;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return undefined;
    }
  }

  /** Reads the Lease first: a renewal that was cut off by `stop` may have reached it. */
  async #release(): Promise<void> {
    const { client, identity, name } = this.#options;
    try {
      await this.#within(this.#deadlineMs / 2, async (signal) => {
        const found = await this.#read(signal);
        if (found?.lease.spec?.holderIdentity !== identity) return;
        await client.replace(leases, released(found.lease, this.#clock.now()), { signal });
      });
    } catch (error) {
      this.#log.warn({ lease: name, error: (error as Error).message }, 'not released; others wait until it expires');
    }
  }

  async #within<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = new AbortController();
    const cancel = this.#clock.after(ms, () => timeout.abort(new Error(`no answer within ${ms / 1000} s`)));
    try {
      return await run(timeout.signal);
    } finally {
      cancel();
    }
  }

  #pause(ms: number): Promise<void> {
    return sleep(this.#clock, ms * (1 + this.#random() / 5), this.#stopping.signal);
  }
}
