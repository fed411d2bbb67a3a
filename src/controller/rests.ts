import type { Clock } from '../kube/clock.ts';

const usualRestMs = 60_000;

/** What has failed and is left alone for a minute, where no other time is said, by name: trying again at every look would help nobody. */
export class Rests {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  readonly #restMs: number;

  constructor(clock: Clock, restMs = usualRestMs) {
    this.#clock = clock;
    this.#restMs = restMs;
  }

  has(name: string): boolean {
    const isOver = (this.#until.get(name) ?? 0) <= this.#clock.monotonic();
    if (isOver) this.#until.delete(name);
    return !isOver;
  }

  begin(name: string): void {
    this.#until.set(name, this.#clock.monotonic() + this.#restMs);
  }
}
