import type { Route } from '../api/route.ts';
import { type Clock, sleep, systemClock } from '../kube/clock.ts';
import type { Outcome } from './scale-up.ts';

/** A route for which somebody waits while no machine is there or on its way. */
export interface Wanted {
  readonly route: Route;
  /** Whether it has machines that leave but are not being stopped. */
  readonly mayStay: boolean;
}

export interface StarterOptions {
  /** Undefined: not, or not any more. */
  readonly wanted: (name: string) => Wanted | undefined;
  readonly scaleUp: (route: Route, mayStay: boolean) => Promise<Outcome>;
  readonly onOutcome: (name: string, outcome: Outcome | Error) => void;
  readonly clock?: Clock;
}

/** Machines that were asked for and are not even pods after this time are asked for again. */
const lookAgainMs = 5000;

/** Before the next attempt, in milliseconds. */
export const pauseAfter = (attempts: number) => Math.min(50 * 2 ** (attempts - 1), 2000);

/** Has machines started for routes that need one: each at once, never twice at a time, and until there is one. */
export class MachineStarter {
  readonly #options: StarterOptions;
  readonly #clock: Clock;
  /** What ends the rest of one that has done what it could. */
  readonly #underWay = new Map<string, AbortController>();
  readonly #stopping = new AbortController();

  constructor(options: StarterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Never throws. What is being tried goes on; what was done is looked at again. */
  ask(name: string): void {
    const rest = this.#underWay.get(name);
    if (rest || this.#stopping.signal.aborted) rest?.abort();
    else void this.#run(name).finally(() => this.#underWay.delete(name));
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(name: string): Promise<void> {
    const { wanted, onOutcome } = this.#options;
    const { signal } = this.#stopping;
    for (let attempts = 1; !signal.aborted; attempts++) {
      const rest = new AbortController();
      this.#underWay.set(name, rest);
      const now = wanted(name);
      if (!now) return;
      const outcome = await this.#try(now);
      onOutcome(name, outcome);
      const isDone = outcome === 'started' || outcome === 'coming';
      if (isDone) await sleep(this.#clock, lookAgainMs, AbortSignal.any([signal, rest.signal]));
      else await sleep(this.#clock, pauseAfter(attempts), signal);
    }
  }

  async #try({ route, mayStay }: Wanted): Promise<Outcome | Error> {
    try {
      return await this.#options.scaleUp(route, mayStay);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
