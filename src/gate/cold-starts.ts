import { type Clock, systemClock } from '../kube/clock.ts';

/**
 * What a cold start is made of, in its order. `wake`: until a machine was asked for. `schedule`: until a node had it.
 * `start`: until it could be dialled, which is when its program ran. `dial`: until it accepted a connection. `serve`: until
 * HAProxy had it, and those who waited were let go.
 */
export const parts = ['wake', 'schedule', 'start', 'dial', 'serve'] as const;
export type Part = (typeof parts)[number];

/** In milliseconds. The parts together are the whole, since the first one of those that waited. */
export interface ColdStart extends Readonly<Record<Part, number>> {
  readonly route: string;
  readonly total: number;
}

/** Puts cold starts together from what happens, in whatever order it is met. */
export class ColdStarts {
  /** When somebody began to wait, and when which part has ended. */
  readonly #underWay = new Map<string, { readonly asked: number; readonly ends: Map<Part, number> }>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #onEnd: (coldStart: ColdStart) => void;

  constructor(onEnd: (coldStart: ColdStart) => void, clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#onEnd = onEnd;
    this.#clock = clock;
  }

  asked(route: string): void {
    if (!this.#underWay.has(route)) this.#underWay.set(route, { asked: this.#clock.monotonic(), ends: new Map() });
  }

  /** A part has ended; only the first time counts. */
  ended(route: string, part: Part): void {
    const underWay = this.#underWay.get(route);
    if (!underWay) return;
    const { ends, asked } = underWay;
    if (!ends.has(part)) ends.set(part, this.#clock.monotonic());
    if (part !== 'serve') return;
    this.#underWay.delete(route);
    // Who has waited for a machine that was there, but failed its check, has met no cold start.
    if (ends.has('wake')) this.#onEnd(coldStart(route, asked, ends));
  }

  /** All who waited have given up. */
  forget(route: string): void {
    this.#underWay.delete(route);
  }
}

/** A part whose end was not seen, or seen late, took no time: the one after it has it. */
function coldStart(route: string, asked: number, ends: ReadonlyMap<Part, number>): ColdStart {
  let before = asked;
  const times = parts.map((part) => {
    const end = Math.max(before, ends.get(part) ?? before);
    const took = end - before;
    before = end;
    return [part, took] as const;
  });
  return { route, ...(Object.fromEntries(times) as Record<Part, number>), total: before - asked };
}
