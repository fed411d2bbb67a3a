import { describe, expect, it } from 'vitest';
import type { ToldMachine } from '../../src/api/gate.ts';
import { decide } from '../../src/scaling/decide.ts';
import type { SuspendedMachine } from '../../src/scaling/group.ts';
import { groupLoad } from '../../src/scaling/load.ts';
import { resumesOf } from '../../src/scaling/resume.ts';
import { startOf } from '../../src/scaling/start.ts';
import { aGroup, aLoad, aMachine, aRegion, aRoute, aWord, loadsOf, minute } from './group-fixture.ts';

const asleep = (name: string, more: Partial<SuspendedMachine> = {}): SuspendedMachine => ({
  ...aMachine(name),
  forMs: minute,
  isRefused: false,
  ...more,
});
const region = (suspended: SuspendedMachine) => aRegion(1, { mode: 'suspend', suspended: [suspended] });

describe('a suspended machine', () => {
  const resumed = (machine: Partial<SuspendedMachine>, load: Partial<ToldMachine>) => {
    const group = aGroup([region(asleep('web-9', machine))]);
    const told = [aRoute([aLoad('web-9', 0, load)])];
    return resumesOf(group, groupLoad(group.limits, [aWord(told)])).map(({ reason }) => reason);
  };

  it.each<[string, Partial<SuspendedMachine>, Partial<ToldMachine>, string[]]>([
    ['that gets nothing', {}, { leaving: true }, []],
    ['that a gate would give something, but has not', {}, { lastBeganSeconds: 61 }, []],
    ['that has something to do', {}, { current: 1 }, ['request']],
    ['that has had something to do', {}, { lastBeganSeconds: 59 }, ['request']],
    ['that ends something', {}, { current: 1, leaving: true }, []],
    ['whose node does not resize it', { isRefused: true }, { leaving: true }, ['refused']],
  ])('%s', (_, machine, load, reasons) => {
    expect(resumed(machine, load)).toEqual(reasons);
  });

  it('runs again before another one is started, also where as many as may are there', () => {
    const group = aGroup([{ ...region(asleep('web-9')), count: 2 }]);
    expect(startOf(group, loadsOf(group, { 'web-0': 20 }))).toMatchObject({
      resume: { name: 'web-9' },
      replicas: 2,
      message: 'resumed web-9 of app: all running ones are over the soft limit of 20 requests',
    });
  });

  it('does not count as one that runs', () => {
    const group = aGroup([region(asleep('web-9'))]);
    const held = new Map([['web', { machines: 1, sinceMs: 0, seenMs: minute }]]);
    const look = { group, load: loadsOf(group, { 'web-0': 0 }), stopAfterMs: minute, nowMs: minute };
    expect(decide({ ...look, held }).stops).toMatchObject([
      { machine: { name: 'web-0' }, reason: 'idle', how: 'suspend' },
    ]);
    const least = aGroup([{ ...region(asleep('web-9')), min: 1 }]);
    expect(decide({ ...look, group: least, held }).stops).toEqual([]);
  });
});

it('a machine that is not ready is stopped, not suspended', () => {
  const machine = aMachine('web-0', { isReady: false });
  const group = aGroup([aRegion([machine], { mode: 'suspend' })]);
  const held = new Map([['web', { machines: 1, sinceMs: 0, seenMs: minute }]]);
  const { stops } = decide({ group, load: loadsOf(group, {}), held, stopAfterMs: minute, nowMs: minute });
  expect(stops).toMatchObject([{ how: 'stop' }]);
});
