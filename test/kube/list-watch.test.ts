import { describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/errors.ts';
import { afterFailure, afterPage, backoff, empty, isNews } from '../../src/kube/list-watch.ts';

const error = (status: number, retryAfterSeconds?: number) =>
  new KubeError({ status, reason: 'Any', text: 'any', retryAfterSeconds });

describe('the place in a list or a watch', () => {
  it('collects pages, and watches from the version of the last', () => {
    const first = afterPage([], { items: ['a', 'b'], metadata: { resourceVersion: '7', continue: 'more' } });
    expect(first).toEqual({ position: { phase: 'listing', items: ['a', 'b'], next: 'more' } });
    const last = afterPage(['a', 'b'], { items: ['c'], metadata: { resourceVersion: '7' } });
    expect(last).toEqual({ position: { phase: 'watching', resourceVersion: '7' }, all: ['a', 'b', 'c'] });
  });

  it('is the start again when a version is gone, in the middle of a list too', () => {
    expect(afterFailure({ phase: 'watching', resourceVersion: '7' }, error(410))).toBe(empty);
    expect(afterFailure({ phase: 'listing', items: ['a'], next: 'more' }, error(410))).toBe(empty);
  });

  it('is kept after any other failure', () => {
    const watching = { phase: 'watching', resourceVersion: '7' } as const;
    const listing = { phase: 'listing', items: ['a'], next: 'more' } as const;
    for (const status of [0, 403, 429, 500]) {
      expect(afterFailure(watching, error(status))).toBe(watching);
      expect(afterFailure(listing, error(status))).toBe(listing);
    }
  });
});

describe('an event', () => {
  it('is news when its version is higher, counted as a number of any length', () => {
    expect(isNews('10', '9')).toBe(true);
    expect(isNews('9', '9')).toBe(false);
    expect(isNews('90071992547409931', '90071992547409930')).toBe(true);
  });

  it('is news when versions cannot be compared', () => {
    expect(isNews('b', 'a')).toBe(true);
    expect(isNews(undefined, '9')).toBe(true);
  });
});

describe('the delay after failures in a row', () => {
  it('doubles up to half a minute, and is spread over half of it', () => {
    const least = [1, 2, 3, 99].map((failures) => backoff(failures, error(500), () => 0));
    const most = [1, 2, 3, 99].map((failures) => backoff(failures, error(500), () => 1));
    expect(least).toEqual([400, 800, 1600, 15_000]);
    expect(most).toEqual([800, 1600, 3200, 30_000]);
  });

  it('is never shorter than the server asks', () => {
    expect(backoff(1, error(429, 60), () => 0)).toBe(60_000);
  });
});
