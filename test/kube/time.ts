import { type Clock, systemClock } from '../../src/kube/clock.ts';

/** A clock that runs `speed` times as fast: at 1000, a stall of a minute takes 60 ms. */
export function fastClock(speed: number): Clock {
  const wall = Date.now();
  const start = performance.now();
  const monotonic = () => (performance.now() - start) * speed;
  return {
    now: () => wall + monotonic(),
    monotonic,
    after: (ms, task) => systemClock.after(ms / speed, task),
  };
}

/** A clock that stands still until it is moved; tasks run in the order of their times. */
export class ManualClock implements Clock {
  #time = 0;
  #tasks: { at: number; task: () => void }[] = [];

  now = () => Date.UTC(2026, 0, 2, 3, 4, 5) + this.#time;
  monotonic = () => this.#time;

  after = (ms: number, task: () => void) => {
    const entry = { at: this.#time + ms, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  };

  /** The clock of a machine that shows another time; it passes at the same speed. */
  skewed(ms: number): Clock {
    return { now: () => this.now() + ms, monotonic: () => this.monotonic() + ms, after: this.after };
  }

  /** Time passes and nothing runs, as when the process is frozen. */
  leap(ms: number): void {
    this.#time += ms;
  }

  /** Lets time pass, with everything that is due on the way and what follows from it on this machine. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    await settled();
    for (;;) {
      const next = this.#tasks.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#tasks.shift();
      this.#time = next.at;
      next.task();
      await settled();
    }
    this.#time = end;
  }
}

/** All promises that can go on have gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits for a condition; fails with its name when it does not come. */
export async function until(what: string, condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
