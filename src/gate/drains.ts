import { type Clock, systemClock } from '../kube/clock.ts';

export interface DrainsOptions {
  /** A machine has come under it, or out of it again. */
  readonly onChange: (namespace: string, machine: string) => void;
  readonly clock?: Clock;
}

/**
 * Machines that get nothing new because somebody asked for it. Each of them only for a time: where whoever asked is gone
 * before it has stopped the machine, the machine serves again.
 */
export class Drains {
  readonly #options: DrainsOptions;
  readonly #clock: Clock;
  readonly #ends = new Map<string, () => void>();

  constructor(options: DrainsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  has(namespace: string, machine: string): boolean {
    return this.#ends.has(`${namespace}/${machine}`);
  }

  /** From now on for so many seconds; none: no more. */
  set(namespace: string, machine: string, seconds: number): void {
    const key = `${namespace}/${machine}`;
    const end = this.#ends.get(key);
    end?.();
    if (seconds > 0)
      this.#ends.set(
        key,
        this.#clock.after(seconds * 1000, () => this.set(namespace, machine, 0)),
      );
    else this.#ends.delete(key);
    if ((end !== undefined) !== seconds > 0) this.#options.onChange(namespace, machine);
  }

  close(): void {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }
}
