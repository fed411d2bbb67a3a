import { type Clock, sleep, systemClock } from '../kube/clock.ts';

/** Runs a task when it is asked for: the first time at once, then at most once in `everyMs`, and never twice at a time. */
export class Pace {
  readonly #task: () => Promise<void>;
  readonly #everyMs: number;
  readonly #clock: Clock;
  #isWanted = false;
  #mayAt = 0;
  #running: Promise<void> | undefined;

  constructor(task: () => Promise<void>, everyMs: number, clock: Clock = systemClock) {
    this.#task = task;
    this.#everyMs = everyMs;
    this.#clock = clock;
  }

  /** Resolves when a run that began after the call has ended; rejects when it has failed. */
  ask(): Promise<void> {
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      await sleep(this.#clock, Math.max(0, this.#mayAt - this.#clock.monotonic()));
      this.#isWanted = false;
      this.#mayAt = this.#clock.monotonic() + this.#everyMs;
      await this.#task();
    }
  }
}
