import { describe, expect, it } from 'vitest';
import { formatBytes, formatCpus, parseBytes } from '../../src/api/quantity.ts';

describe('quantities', () => {
  it.each([
    ['512Mi', '512Mi'],
    ['1024Mi', '1Gi'],
    ['0.5Gi', '512Mi'],
    ['1G', '1G'],
    ['1500M', '1500M'],
    ['1000000000', '1G'],
    ['1000', '1k'],
    ['1048576', '1Mi'],
    ['1025', '1025'],
    ['0', '0'],
  ])('%s is written as the API server stores it: %s', (written, stored) => {
    expect(formatBytes(parseBytes(written))).toBe(stored);
  });

  it.each([
    [1, '1'],
    [0.5, '500m'],
    [1 / 16, '63m'],
    [2, '2'],
  ])('%d CPUs are written %s', (cpus, stored) => {
    expect(formatCpus(cpus)).toBe(stored);
  });
});
