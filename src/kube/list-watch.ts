import { isFutureVersion, isGone, KubeError } from './errors.ts';
import type { List } from './options.ts';

/** Where an informer is: collecting the pages of a list, or following a watch from a resourceVersion. */
export type Position<T> =
  | { readonly phase: 'listing'; readonly items: readonly T[]; readonly next: string | undefined }
  | { readonly phase: 'watching'; readonly resourceVersion: string };

export const empty: Position<never> = { phase: 'listing', items: [], next: undefined };

/** The position after one more page; `all` is there with the last one. */
export function afterPage<T>(items: readonly T[], page: List<T>): { position: Position<T>; all?: readonly T[] } {
  const all = [...items, ...page.items];
  const { continue: next, resourceVersion } = page.metadata;
  if (next) return { position: { phase: 'listing', items: all, next } };
  return { position: { phase: 'watching', resourceVersion }, all };
}

/**
 * Where to go on after a failure. A version that the server has no longer, or not yet, makes the list start again: what
 * happened in the gap is known from nothing else. Anything else keeps the place, in the middle of a list too.
 */
export function afterFailure<T>(position: Position<T>, error: unknown): Position<T> {
  return isGone(error) || isFutureVersion(error) ? empty : position;
}

/**
 * Whether an event comes after `seen`. Within one kind versions only grow (KEP-5504), and an API server that repeats
 * itself after a reconnect must not bring an old state back. Versions that are no numbers cannot be compared.
 */
export function isNews(version: string | undefined, seen: string): boolean {
  if (!version || !/^\d+$/.test(version) || !/^\d+$/.test(seen)) return true;
  return BigInt(version) > BigInt(seen);
}

/** Milliseconds before the next try: 0.4 to 0.8 s, doubled per failure in a row up to 30 s; never less than asked. */
export function backoff(failures: number, error: unknown, random: () => number): number {
  const asked = error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  const own = Math.min(800 * 2 ** (failures - 1), 30_000) * (0.5 + random() / 2);
  return asked > 0 ? Math.max(own, asked * (1 + random() / 4)) : own;
}
