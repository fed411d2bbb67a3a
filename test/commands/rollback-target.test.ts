import { describe, expect, it } from 'vitest';
import type { Release, ReleasePhase } from '../../src/api/release.ts';
import { changesOf } from '../../src/commands/release-changes.ts';
import { rollbackTarget } from '../../src/commands/rollback-target.ts';
import { anApp, aRelease } from '../desired/app-fixture.ts';

/** Releases 1, 2, … with these phases and hashes. */
const releases = (...list: [phase: ReleasePhase, hash: string][]): Release[] =>
  list.map(([phase, hash], index) => {
    const release = aRelease(anApp(), index + 1);
    return { ...release, hash, journal: { ...release.journal, phase } };
  });

describe('a rollback without a version goes to', () => {
  it('the last release before the one that serves', () => {
    expect(rollbackTarget(releases(['complete', 'a'], ['complete', 'b']), undefined)).toEqual({ version: 1 });
  });

  it('one that is another: not to a release that serves again already', () => {
    const list = releases(['complete', 'a'], ['complete', 'b'], ['complete', 'b']);
    expect(rollbackTarget(list, undefined)).toEqual({ version: 1 });
  });

  it('no release that has failed', () => {
    const list = releases(['complete', 'a'], ['failed', 'b'], ['complete', 'c']);
    expect(rollbackTarget(list, undefined)).toEqual({ version: 1 });
  });

  it('what serves, while a newer one is on its way', () => {
    expect(rollbackTarget(releases(['complete', 'a'], ['rollout', 'b']), undefined)).toEqual({ version: 1 });
  });

  it('nowhere, where a failed release was taken back already', () => {
    const target = rollbackTarget(releases(['complete', 'a'], ['failed', 'b']), undefined);
    expect(target).toEqual({ nothingToDo: 'release 2 failed, and release 1 serves again already' });
  });

  it('nowhere, where there is no other', () => {
    expect(rollbackTarget(releases(['complete', 'a']), undefined)).toHaveProperty('problem');
    expect(rollbackTarget([], undefined)).toHaveProperty('problem');
  });
});

describe('what a release has changed', () => {
  const before = aRelease(anApp({ env: { A: '1', B: '2' } }), 1);
  const after = (spec: Parameters<typeof anApp>[0]) => aRelease(anApp(spec), 2);

  it('is told by names, without values', () => {
    expect(changesOf(after({ env: { A: 'other', C: '3' } }), before)).toBe('env A +C -B');
    expect(changesOf(after({ image: 'example.com/hello:2', env: { A: '1', B: '2' } }), before)).toBe('image');
    expect(changesOf(after({ env: { A: '1', B: '2' }, killSignal: 'SIGTERM' }), before)).toBe('killSignal');
  });

  it('is nothing where the same is tried again', () => {
    expect(changesOf(after({ env: { A: '1', B: '2' } }), before)).toBe('tried again');
  });

  it('names the release that is gone back to', () => {
    expect(changesOf({ ...before, version: 3, rollbackOf: 1 }, before)).toBe('again 1');
  });
});
