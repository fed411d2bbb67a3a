import { describe, expect, it } from 'vitest';
import type { Drained } from '../../src/api/gate.ts';
import { type Draining, drainProgress, longestDrainMs } from '../../src/scaling/drain.ts';
import type { Group, Region } from '../../src/scaling/group.ts';
import { groupLoad } from '../../src/scaling/load.ts';
import type { StopReason } from '../../src/scaling/stop.ts';
import { aGroup, aMachine, aRegion, loadsOf, minute } from './group-fixture.ts';

const empty: Drained = { leaving: true, current: 0, queued: 0, held: 0 };

/** `web-0` is drained. */
function progress(region: Region, more: Partial<Draining> = {}, reason: StopReason = 'excess') {
  const group: Group = aGroup([region]);
  const [machine = aMachine('web-0')] = region.machines;
  const stop = { region, machine, reason, how: 'stop' as const };
  const load = loadsOf(group, { 'web-0': 0, 'web-1': 3 });
  return drainProgress({ stop, group, load, answers: [empty], elapsedMs: 0, stopAfterMs: minute, ...more });
}
const two = aRegion(2);

describe('a machine that is drained', () => {
  it.each<[string, (Drained | undefined)[], 'wait' | 'done']>([
    ['is empty where all gates say so', [empty, empty], 'done'],
    ['is waited for where one does not answer', [empty, undefined], 'wait'],
    ['is waited for where one still gives it something', [{ ...empty, leaving: false }], 'wait'],
    ['is waited for while something is under way', [empty, { ...empty, current: 1 }], 'wait'],
    ['is waited for while something waits for it', [{ ...empty, queued: 1 }], 'wait'],
  ])('%s', (_, answers, expected) => {
    expect(progress(two, { answers })).toBe(expected);
  });

  it('is not stopped where no gate is ready any more', () => {
    expect(progress(two, { answers: [], load: groupLoad(aGroup([]).limits, []) })).toBe('wait');
  });

  it.each<[string, unknown]>([
    ['somebody waits for a machine', progress(two, { answers: [{ ...empty, held: 1 }] })],
    ['it got something to do', progress(aRegion(1), { answers: [{ ...empty, lastBeganSeconds: 59 }] }, 'idle')],
    [
      'somebody waits for a machine',
      progress(two, { load: loadsOf(aGroup([two]), {}, { held: 1 }), answers: [undefined] }),
    ],
    [
      'it got something to do',
      progress(aRegion(1), { load: loadsOf(aGroup([]), { 'web-0': 1 }), answers: [undefined] }, 'idle'),
    ],
    ['it got something to do', progress(aRegion(1), { answers: [{ ...empty, current: 1 }] }, 'idle')],
    ['the others have enough to do', progress(two, { load: loadsOf(aGroup([two]), { 'web-0': 0, 'web-1': 20 }) })],
    ['it is not scaled any more', progress(two, { group: undefined })],
    ['it is not scaled any more', progress(two, { group: aGroup([]) })],
    ['a release is on its way', progress(two, { group: aGroup([two], { isReleasing: true }) })],
    ['the scale is 3 by now', progress(two, { group: aGroup([{ ...two, replicas: 3 }]) })],
    ['2 have to run', progress(two, { group: aGroup([{ ...two, min: 2 }]) })],
    [
      'Kubernetes would stop another one',
      progress(two, { group: aGroup([aRegion([aMachine('web-0'), aMachine('web-1', { isReady: false })])]) }),
    ],
    [
      'it has not come to its end for 5m',
      progress(two, { answers: [{ ...empty, current: 1 }], elapsedMs: longestDrainMs }),
    ],
  ])('serves again where %s', (takeBack, found) => {
    expect(found).toEqual({ takeBack });
  });

  it('may have had something to do a moment ago where others are enough', () => {
    expect(progress(two, { answers: [{ ...empty, lastBeganSeconds: 1 }] })).toBe('done');
    expect(progress(aRegion(1), { answers: [{ ...empty, lastBeganSeconds: 60 }] }, 'idle')).toBe('done');
  });
});
