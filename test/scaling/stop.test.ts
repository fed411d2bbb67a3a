import { describe, expect, it } from 'vitest';
import type { Region } from '../../src/scaling/group.ts';
import { groupLoad } from '../../src/scaling/load.ts';
import { stoppedMessage } from '../../src/scaling/messages.ts';
import { machineToStop, stopReason } from '../../src/scaling/stop.ts';
import { aGroup, aLoad, aMachine, aRegion, aRoute, aWord, loadsOf, minute } from './group-fixture.ts';

const reason = (region: Region, loads: readonly number[], more = {}) => {
  const group = aGroup([region]);
  const named = Object.fromEntries(loads.map((load, index) => [`web-${index}`, load]));
  return stopReason(region, group.limits, loadsOf(group, named, more));
};

describe('a machine is too many', () => {
  it.each<[readonly number[], 'idle' | 'excess' | undefined]>([
    [[0], 'idle'],
    [[1], undefined],
    [[0, 0], 'excess'],
    [[5, 14], 'excess'],
    // What both have would be over the limit of one: Fly would stop it and start it again.
    [[15, 15], undefined],
    [[25, 0], undefined],
    [[25, 0, 0], 'excess'],
    [[25, 25, 0], undefined],
    [[], undefined],
  ])('with %j of 20 each: %s', (loads, expected) => {
    expect(reason(aRegion(loads.length), loads)).toBe(expected);
  });

  it('never where as few run as have to', () => {
    expect(reason(aRegion(2, { min: 2 }), [0, 0])).toBeUndefined();
    expect(reason(aRegion(1, { min: 1 }), [0])).toBeUndefined();
    expect(reason(aRegion(2, { min: 1 }), [0, 0])).toBe('excess');
  });

  it('never while somebody waits', () => {
    expect(reason(aRegion(1), [0], { held: 1 })).toBeUndefined();
    expect(reason(aRegion(2), [0, 0], { queued: 1 })).toBeUndefined();
  });

  it('never while machines come or go', () => {
    expect(reason(aRegion(2, { replicas: 3 }), [0, 0])).toBeUndefined();
    expect(reason(aRegion(2, { replicas: 1 }), [0, 0])).toBeUndefined();
  });
});

describe('the machine that is stopped', () => {
  const chosen = (region: Region, loads: Record<string, number>) =>
    machineToStop(region, loadsOf(aGroup([region]), loads), 3 * minute)?.name;

  it('is the one with the least to do, and of several the youngest', () => {
    expect(chosen(aRegion(3), { 'web-0': 4, 'web-1': 1, 'web-2': 2 })).toBe('web-1');
    const young = aMachine('web-1', { ageMs: 5 * minute, upMs: 4 * minute });
    expect(chosen(aRegion([aMachine('web-0'), young, aMachine('web-2')]), {})).toBe('web-1');
  });

  it('is that with the highest number of a StatefulSet, for Kubernetes takes no other', () => {
    const machines = ['web-9', 'web-10', 'web-8'].map((name) => aMachine(name));
    expect(chosen(aRegion(machines, { kind: 'StatefulSet' }), { 'web-10': 7 })).toBe('web-10');
  });

  it('is one that is not ready, for Kubernetes takes these first', () => {
    const machines = [aMachine('web-0'), aMachine('web-1', { isReady: false })];
    expect(chosen(aRegion(machines), { 'web-1': 3 })).toBe('web-1');
  });

  it('has been up for long enough', () => {
    const young = aMachine('web-1', { upMs: 3 * minute - 1 });
    expect(chosen(aRegion([aMachine('web-0'), young]), { 'web-0': 4 })).toBeUndefined();
    expect(chosen(aRegion([aMachine('web-0'), { ...young, upMs: 3 * minute }]), { 'web-0': 4 })).toBe('web-1');
  });

  it('is the last one only where nothing has begun for long enough', () => {
    const region = aRegion(1);
    const after = (lastBeganSeconds: number) => {
      const word = aWord([aRoute([aLoad('web-0', 0, { lastBeganSeconds })])]);
      return machineToStop(region, groupLoad(aGroup([region]).limits, [word]), 3 * minute);
    };
    expect(after(179)).toBeUndefined();
    expect(after(180)?.name).toBe('web-0');
  });
});

it('why one was stopped is said in plain words', () => {
  const [machine, region] = [aMachine('hello-app-abc'), aRegion(1, { count: 2 })];
  expect(stoppedMessage(aGroup([]), { region, machine, reason: 'idle', how: 'stop' }, 3 * minute)).toBe(
    'stopped hello-app-abc of app: nothing to do for 3m, 0 of 2 run',
  );
  const several = aRegion(3, { region: 'fra' });
  expect(stoppedMessage(aGroup([]), { region: several, machine, reason: 'excess', how: 'stop' }, 90_000)).toBe(
    'stopped hello-app-abc of app in fra: fewer have been enough for 90s, 2 of 3 run',
  );
});
