import type { Labels } from '../exposition.ts';

/** An object by its labels, and what it tells of itself: nothing of it may be there before the operator has looked at it. */
export interface Told<Status> {
  readonly labels: Labels;
  readonly status: Partial<Status>;
}

/** A time as Prometheus counts: seconds since 1970; undefined where there is none. */
export function seconds(time: string | Date | undefined): number | undefined {
  const ms = time === undefined ? Number.NaN : new Date(time).getTime();
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
