import { describe, expect, it } from 'vitest';
import { extendedSize, isOfWholeDisk } from '../../src/desired/volume-growth.ts';

const Gi = 2 ** 30;
const autoExtend = { threshold: 80, increment: '1Gi', limit: '4Gi' };
const volume = (used: number, more: object = {}) => ({
  used: used * Gi,
  capacity: 2 * Gi,
  requested: 2 * Gi,
  provided: 2 * Gi,
  ...more,
});

describe('a volume with autoExtend', () => {
  it.each([
    ['below the threshold', volume(1.59), undefined],
    ['at the threshold', volume(1.6), 3 * Gi],
    ['that is full', volume(2), 3 * Gi],
    ['that has less room than it was given, for the file system itself', volume(1.53, { capacity: 1.9 * Gi }), 3 * Gi],
    ['that is still growing', volume(1.9, { requested: 3 * Gi }), undefined],
    ['whose provider gave more than was asked for', volume(1.9, { requested: 1 * Gi }), 3 * Gi],
    ['that is a folder of a large disk', volume(90, { capacity: 100 * Gi }), undefined],
    ['of which nothing is known', volume(0, { capacity: 0 }), undefined],
  ])('%s', (_, usage, size) => {
    expect(extendedSize(usage, { autoExtend })).toBe(size);
  });

  it('stops at its limit', () => {
    const grown = (size: number) => ({ used: size, capacity: size, requested: size, provided: size });
    expect(extendedSize(grown(3.5 * Gi), { autoExtend })).toBe(4 * Gi);
    expect(extendedSize(grown(4 * Gi), { autoExtend })).toBeUndefined();
    expect(extendedSize(grown(5 * Gi), { autoExtend })).toBeUndefined();
    expect(extendedSize(grown(5 * Gi), { autoExtend: { threshold: 80, increment: '1Gi' } })).toBe(6 * Gi);
  });

  it('is needed: without it a volume never grows by itself', () => {
    expect(extendedSize(volume(2), {})).toBeUndefined();
  });
});

describe('the numbers of the kubelet', () => {
  it.each([
    ['are of the whole disk where they exceed the volume', volume(1, { capacity: 100 * Gi }), true],
    ['may be a little above, for rounding', volume(1, { capacity: 2.05 * Gi }), false],
    ['are below it as a rule', volume(1, { capacity: 1.9 * Gi }), false],
  ])('%s', (_, usage, whole) => {
    expect(isOfWholeDisk(usage)).toBe(whole);
  });
});
