import { describe, expect, it } from 'vitest';
import { type Cpu, readSuspended, writeSuspended } from '../../src/suspend/annotation.ts';
import { cpuOf, hasCpu, smallCpu } from '../../src/suspend/cpu.ts';

const container = (name: string, requests?: string, limits?: string) => ({
  name,
  resources: {
    requests: { memory: '1Gi', ...(requests && { cpu: requests }) },
    limits: { ...(limits && { cpu: limits }) },
  },
});

describe('the least CPU of a machine', () => {
  it.each<[string, string, Cpu[string], Cpu[string]]>([
    ['a shared size', 'Burstable', { requests: '63m', limits: '1' }, { requests: '1m', limits: '100m' }],
    ['a performance size', 'Guaranteed', { requests: '2', limits: '2' }, { requests: '100m', limits: '100m' }],
    ['less than that', 'Guaranteed', { requests: '50m', limits: '50m' }, { requests: '50m', limits: '50m' }],
    ['a low limit', 'Burstable', { requests: '10m', limits: '20m' }, { requests: '1m', limits: '20m' }],
    ['no limit', 'Burstable', { requests: '500m' }, { requests: '1m' }],
  ])('of %s', (_, qosClass, cpu, small) => {
    expect(smallCpu({ app: cpu }, qosClass)).toEqual({ app: small });
  });

  it('is for containers that have any', () => {
    const containers = [container('app', '500m', '1'), container('beside'), { name: 'bare' }];
    expect(cpuOf(containers)).toEqual({ app: { requests: '500m', limits: '1' } });
  });

  it('leaves alone what is written in another way', () => {
    expect(cpuOf([container('app', '1k', '2k')])).toEqual({});
  });
});

it('whether a machine has its CPU does not depend on how that is written', () => {
  const containers = [container('app', '500m', '1')];
  expect(hasCpu(containers, { app: { requests: '500m', limits: '1000m' } })).toBe(true);
  expect(hasCpu(containers, { app: { requests: '500m', limits: '100m' } })).toBe(false);
  expect(hasCpu(containers, { app: { requests: '500m' } })).toBe(false);
  expect(hasCpu(containers, { other: { requests: '500m' } })).toBe(false);
});

describe('the annotation of a suspended machine', () => {
  const since = '2026-01-01T00:00:00.000Z';

  it('says what the machine had', () => {
    const suspended = { since, cpu: { app: { requests: '500m', limits: '1' } } };
    expect(readSuspended(writeSuspended(suspended))).toEqual(suspended);
  });

  it.each([
    ['no JSON', '{'],
    ['something else', '"yes"'],
    ['memory', JSON.stringify({ since, cpu: { app: { requests: '1', memory: '1Gi' } } })],
    ['no quantity', JSON.stringify({ since, cpu: { app: { requests: 'much' } } })],
    ['no container', JSON.stringify({ since, cpu: { '../app': { requests: '1' } } })],
    ['more of a pod', JSON.stringify({ since, cpu: {}, image: 'x' })],
  ])('is not read where it says %s', (_, text) => {
    expect(readSuspended(text)).toBeUndefined();
  });
});
