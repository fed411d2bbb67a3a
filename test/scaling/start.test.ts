import { describe, expect, it } from 'vitest';
import { startOf } from '../../src/scaling/start.ts';
import { aGroup, aMachine, aRegion, loadsOf, minute } from './group-fixture.ts';

const started = (group: ReturnType<typeof aGroup>, loads: Record<string, number>) => {
  const start = startOf(group, loadsOf(group, loads));
  return start && `${start.region.workload} ${start.replicas}`;
};

describe('one more machine is started', () => {
  it('where all that run are at or over the soft limit', () => {
    const group = aGroup([aRegion(2)]);
    expect(started(group, { 'web-0': 20, 'web-1': 35 })).toBe('web 3');
    expect(started(group, { 'web-0': 19, 'web-1': 35 })).toBeUndefined();
  });

  it('never beyond count', () => {
    expect(started(aGroup([aRegion(3)]), { 'web-0': 99, 'web-1': 99, 'web-2': 99 })).toBeUndefined();
  });

  it('never where all are stopped: who waits there is seen by the gate', () => {
    const group = aGroup([aRegion(0)]);
    expect(startOf(group, loadsOf(group, {}, { held: 7 }))).toBeUndefined();
  });

  it('never where the services say so', () => {
    expect(started(aGroup([aRegion(1)], { autoStart: false }), { 'web-0': 99 })).toBeUndefined();
  });

  it('not while another one is on its way', () => {
    const young = aMachine('web-1', { ageMs: minute - 1, upMs: undefined, isReady: false });
    expect(started(aGroup([aRegion([aMachine('web-0'), young])]), { 'web-0': 99 })).toBeUndefined();
    expect(started(aGroup([aRegion(1, { replicas: 2 })]), { 'web-0': 99 })).toBeUndefined();
  });

  it('also beside one that does not come', () => {
    const broken = aMachine('web-1', { ageMs: minute, upMs: undefined, isReady: false });
    expect(started(aGroup([aRegion([aMachine('web-0'), broken])]), { 'web-0': 99 })).toBe('web 3');
  });

  it('in the region where they run, and in the next one where that is full', () => {
    const [iad, fra] = [aRegion(0, { workload: 'iad' }), aRegion(1, { workload: 'fra' })];
    expect(started(aGroup([iad, fra]), { 'fra-0': 20 })).toBe('fra 2');
    expect(started(aGroup([iad, { ...fra, count: 1 }]), { 'fra-0': 20 })).toBe('iad 1');
  });

  it('not where a machine of another region has room', () => {
    const regions = [aRegion(1, { workload: 'iad' }), aRegion(1, { workload: 'fra' })];
    expect(started(aGroup(regions), { 'iad-0': 20, 'fra-0': 3 })).toBeUndefined();
  });

  it('and it is said why', () => {
    const group = aGroup([aRegion(1, { region: 'fra' })]);
    expect(startOf(group, loadsOf(group, { 'web-0': 20 }))?.message).toBe(
      'started machine 2 of 3 of app in fra: all running ones are over the soft limit of 20 requests',
    );
  });
});
