/** For how long a machine too many has been seen without a break; times as of a clock that never jumps. */
export interface Held {
  /** Of so many machines. */
  readonly machines: number;
  readonly sinceMs: number;
  readonly seenMs: number;
}

/** Where nothing was known for longer than this, it has not been seen to hold. */
const longestGapMs = 10_000;

/** The same after another look at which it held. */
export function heldOn(before: Held | undefined, machines: number, nowMs: number): Held {
  const goesOn = before !== undefined && before.machines === machines && nowMs - before.seenMs <= longestGapMs;
  return { machines, sinceMs: goesOn ? before.sinceMs : nowMs, seenMs: nowMs };
}
