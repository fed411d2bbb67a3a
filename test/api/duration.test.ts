import { describe, expect, it } from 'vitest';
import { seconds, wholeSeconds } from '../../src/api/duration.ts';

describe('durations', () => {
  it.each([
    ['10s', 10],
    ['1m30s', 90],
    ['500ms', 0.5],
    ['1.5h', 5400],
    ['250us', 0.00025],
  ])('%s is %d seconds', (text, expected) => {
    expect(seconds(text)).toBeCloseTo(expected, 9);
  });

  it('rounds up to whole seconds, because Kubernetes has no others', () => {
    expect(wholeSeconds('1500ms')).toBe(2);
    expect(wholeSeconds('2s')).toBe(2);
    expect(wholeSeconds('100ms200ms')).toBe(1);
  });

  it('never goes below the least that the field allows', () => {
    expect(wholeSeconds('0s', 1)).toBe(1);
  });
});
