import { describe, expect, it } from 'vitest';
import { decide } from '../../src/scaling/decide.ts';
import type { Group } from '../../src/scaling/group.ts';
import type { Held } from '../../src/scaling/held.ts';
import { groupLoad } from '../../src/scaling/load.ts';
import { aGroup, aRegion, aWord, loadsOf, minute } from './group-fixture.ts';

const stopAfterMs = 3 * minute;
const none: ReadonlyMap<string, Held> = new Map();

/** What is decided at looks of these times, in seconds; `loads` undefined: not all gates have answered. */
function stopsAt(group: Group, looks: readonly (readonly [at: number, loads: Record<string, number> | undefined])[]) {
  let held = none;
  return looks.flatMap(([at, loads]) => {
    const load = loads ? loadsOf(group, loads) : groupLoad(group.limits, [aWord(undefined)]);
    const decision = decide({ group, load, held, stopAfterMs, nowMs: at * 1000 });
    held = decision.held;
    return decision.stops.length > 0 ? [at] : [];
  });
}
const every = (seconds: number, until: number, loads: Record<string, number> | undefined, from = 0) =>
  Array.from({ length: (until - from) / seconds + 1 }, (_, index) => [from + index * seconds, loads] as const);

describe('a machine is stopped', () => {
  const two = aGroup([aRegion(2)]);

  it('when it has been too many for as long as that takes', () => {
    expect(stopsAt(two, every(1, 200, { 'web-0': 5 }))[0]).toBe(180);
  });

  it('not before the rule has held without a break', () => {
    const looks = [...every(1, 100, {}), [101, { 'web-0': 20 }] as const, ...every(1, 300, {}, 102)];
    expect(stopsAt(two, looks)[0]).toBe(282);
  });

  it('not by what was seen before nothing was known for long', () => {
    expect(stopsAt(two, [...every(1, 100, {}), ...every(1, 300, {}, 111)])[0]).toBe(291);
    expect(stopsAt(two, [...every(1, 100, {}), ...every(1, 111, undefined, 101), ...every(1, 300, {}, 112)])[0]).toBe(
      292,
    );
  });

  it('also where a gate has not answered for a moment, but not at that look', () => {
    expect(stopsAt(two, [...every(1, 178, {}), [179, undefined], [180, undefined], [181, {}]])).toEqual([181]);
  });

  it('never while a release is on its way, and only by what was seen after it', () => {
    const releasing = { ...two, isReleasing: true };
    expect(stopsAt(releasing, every(1, 300, {}))).toEqual([]);
    const { held } = decide({
      group: releasing,
      load: loadsOf(two, {}),
      held: new Map([['web', { machines: 2, sinceMs: 0, seenMs: 0 }]]),
      stopAfterMs,
      nowMs: 1000,
    });
    expect(held.size).toBe(0);
  });

  it('by what was seen of that number of machines alone', () => {
    const held = new Map([['web', { machines: 3, sinceMs: 0, seenMs: stopAfterMs }]]);
    const load = loadsOf(two, {});
    expect(decide({ group: two, load, held, stopAfterMs, nowMs: stopAfterMs }).stops).toEqual([]);
  });

  it('one of each region', () => {
    const regions = [aRegion(2, { workload: 'iad' }), aRegion(1, { workload: 'fra' })];
    const group = aGroup(regions);
    const held = new Map(
      regions.map(({ workload, replicas }) => [workload, { machines: replicas, sinceMs: 0, seenMs: stopAfterMs }]),
    );
    const { stops } = decide({ group, load: loadsOf(group, {}), held, stopAfterMs, nowMs: stopAfterMs });
    expect(stops.map(({ machine, reason }) => `${machine.name} ${reason}`)).toEqual(['iad-0 excess', 'fra-0 idle']);
  });
});
