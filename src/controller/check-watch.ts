import type { AskedCheck, CheckedMachine } from '../desired/checks.ts';
import type { Clock } from '../kube/clock.ts';
import type { Attempt } from '../probe/attempt.ts';
import type { Outcome } from '../probe/outcome.ts';
import type { Slots } from './slots.ts';

export interface WatchOptions {
  readonly probe: Attempt;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Machines that are new, to the cluster or to this operator, are asked for the first time within this. */
const spreadMs = 10_000;
/** Who has needed longer than this for an answer is not let in the way of others. */
const slowMs = 1_000;

/** Asks one machine the question of one check, again and again until it is ended. */
export class CheckWatch {
  /** The last outcome that counts. */
  outcome: Outcome | undefined;
  /** Whether the machine has been asked, also where the outcome does not count. */
  wasAsked = false;
  readonly #check: AskedCheck;
  readonly #options: WatchOptions;
  readonly #onChange: () => void;
  readonly #ended = new AbortController();
  #machine: CheckedMachine;
  #isSlow = false;
  #cancel: () => void = () => {};

  constructor(check: AskedCheck, machine: CheckedMachine, options: WatchOptions, onChange: () => void) {
    this.#check = check;
    this.#machine = machine;
    this.#options = options;
    this.#onChange = onChange;
    this.#askAfter(options.random() * Math.min(check.intervalMs, spreadMs));
  }

  /** The machine as it is now; its program may have been started again. */
  update(machine: CheckedMachine): void {
    this.#machine = machine;
  }

  end(): void {
    this.#cancel();
    this.#ended.abort();
  }

  #askAfter(ms: number): void {
    const { clock, slots } = this.#options;
    this.#cancel = clock.after(ms, () => {
      this.#cancel = slots.add(() => this.#ask(), this.#isSlow);
    });
  }

  async #ask(): Promise<void> {
    const { probe, clock } = this.#options;
    const { port, graceMs, intervalMs } = this.#check;
    const { address, startedAt } = this.#machine;
    const began = clock.monotonic();
    const isYoung = clock.now() - startedAt < graceMs;
    const outcome = await probe({ address, port }, this.#check, this.#ended.signal);
    if (this.#ended.signal.aborted) return;
    const took = clock.monotonic() - began;
    this.#isSlow = took > slowMs;
    this.#askAfter(Math.max(0, intervalMs - took));
    this.#note(outcome.passing || !isYoung ? outcome : undefined);
  }

  #note(outcome: Outcome | undefined): void {
    const isSame = this.wasAsked && outcome?.output === this.outcome?.output;
    this.wasAsked = true;
    this.outcome = outcome;
    if (!isSame) this.#onChange();
  }
}
