import type { Clock } from '../kube/clock.ts';

const restMs = 60_000;

/** What has failed and is left alone for a minute, by name: trying again at every look would help nobody. */
export class Rests {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(name: string): boolean {
    const isOver = (this.#until.get(name) ?? 0) <= this.#clock.monotonic();
    if (isOver) this.#until.delete(name);
    return !isOver;
  }

  begin(name: string): void {
    this.#until.set(name, this.#clock.monotonic() + restMs);
  }
}
