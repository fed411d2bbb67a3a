import { type Clock, systemClock } from '../kube/clock.ts';

/** What a cold start was made of; each in milliseconds since the first one of those that waited asked. */
export interface ColdStart {
  readonly route: string;
  /** A machine was there and might be dialled. */
  readonly seenMs: number;
  /** It accepted a connection. */
  readonly answeredMs: number;
  /** HAProxy had it, and those who waited were let go. */
  readonly servedMs: number;
}

interface Parts {
  readonly asked: number;
  seen?: number;
  answered?: number;
}

/** Puts a cold start together from what happens, in whatever order its parts are met. */
export class ColdStarts {
  readonly #underWay = new Map<string, Parts>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #onEnd: (coldStart: ColdStart) => void;

  constructor(onEnd: (coldStart: ColdStart) => void, clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#onEnd = onEnd;
    this.#clock = clock;
  }

  asked(route: string): void {
    if (!this.#underWay.has(route)) this.#underWay.set(route, { asked: this.#clock.monotonic() });
  }

  seen(route: string): void {
    const parts = this.#underWay.get(route);
    if (parts) parts.seen ??= this.#clock.monotonic();
  }

  answered(route: string): void {
    const parts = this.#underWay.get(route);
    if (parts) parts.answered ??= this.#clock.monotonic();
  }

  served(route: string): void {
    const parts = this.#underWay.get(route);
    if (!parts) return;
    this.#underWay.delete(route);
    const now = this.#clock.monotonic();
    const { asked, answered = now, seen = answered } = parts;
    this.#onEnd({ route, seenMs: seen - asked, answeredMs: answered - asked, servedMs: now - asked });
  }

  /** All who waited have given up. */
  forget(route: string): void {
    this.#underWay.delete(route);
  }
}
