import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { EndingLoad } from './ending-load.ts';

export interface RoomOptions {
  /** What processes that end may have; of all, or of what was known before. */
  readonly look: (known?: readonly EndingLoad[]) => Promise<readonly EndingLoad[]>;
  /** The backends that the newest process has; whether they have a limit. */
  readonly backends: () => ReadonlyMap<string, boolean>;
  readonly onChange: () => void;
  readonly clock?: Clock;
}

/** Until it is known, in milliseconds, and as long as there is something left. */
const firstMs = 20;
const everyMs = 100;

/**
 * How much machines with a hardLimit may get from the newest process: what those that end leave of it. It is looked at
 * after each reload, until there is nothing left. What HAProxy takes out of its queue is nowhere to be seen for a moment, so only
 * what two looks have found free is free.
 */
export class Room {
  readonly #options: RoomOptions;
  readonly #clock: Clock;
  #looks: (readonly EndingLoad[])[] = [];
  #turn = 0;
  #cancel = () => {};

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** A process has taken over. */
  begin(): void {
    this.stop();
    this.#looks = [];
    if ([...this.#options.backends().values()].includes(true)) void this.#look(this.#turn);
  }

  stop(): void {
    this.#turn++;
    this.#cancel();
  }

  /** What is left of a limit on an address like `10.0.0.1:8080`; 0 as long as it is not known. */
  left(backend: string, address: string, limit: number): number {
    if (this.#looks.length < 2) return 0;
    const taken = this.#looks.map((look) => this.#taken(look, backend, address.toLowerCase()));
    return Math.max(0, limit - Math.max(...taken));
  }

  /** A backend that there is no more was another one's before, so its load counts wherever its machine is. */
  #taken(look: readonly EndingLoad[], backend: string, address: string): number {
    const backends = this.#options.backends();
    return look
      .filter((one) => one.address === address && (one.backend === backend || !backends.has(one.backend)))
      .reduce((sum, { most }) => sum + most, 0);
  }

  async #look(turn: number): Promise<void> {
    const isKnown = this.#looks.length === 2;
    const look = await this.#options.look(isKnown ? this.#counted() : undefined).catch(() => undefined);
    if (turn !== this.#turn) return;
    const before = this.#looks;
    if (look) this.#looks = [look, ...before].slice(0, 2);
    if (this.#looks.length === 2 && !isDeepStrictEqual(before, this.#looks)) this.#options.onChange();
    if (this.#looks.length === 2 && this.#counted().length === 0) return;
    const ms = this.#looks.length === 2 ? everyMs : firstMs;
    this.#cancel = this.#clock.after(ms, () => void this.#look(turn));
  }

  /** What is left, and counts. */
  #counted(): EndingLoad[] {
    const backends = this.#options.backends();
    return this.#looks.flat().filter(({ backend }) => backends.get(backend) ?? true);
  }
}
