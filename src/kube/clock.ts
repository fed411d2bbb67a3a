/** Time as everything in this folder sees it, so that tests can make minutes pass in milliseconds. */
export interface Clock {
  /** Wall time in milliseconds since 1970, for timestamps. */
  now(): number;
  /** Milliseconds since some fixed point; never jumps when the machine's clock is set. For deadlines and leases. */
  monotonic(): number;
  /** Runs `task` once after `ms`; the result takes it back. */
  after(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** `2026-01-02T03:04:05.678000Z`: Leases and Events refuse a time with three digits of fraction. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
