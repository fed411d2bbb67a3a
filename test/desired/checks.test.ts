import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { checkedPorts, machineChecks } from '../../src/desired/checks.ts';
import { anApp } from './app-fixture.ts';

const up = { name: 'up', type: 'http' as const };
const services = [{ internalPort: 8080 }, { internalPort: 9000 }];
const startedAt = '2026-01-01T00:00:00Z';

function pod(name: string, { group = 'app', labels = {}, ip = '10.0.0.1', state = { running: { startedAt } } } = {}) {
  const containerStatuses = [{ name: 'proxy', state: { running: {} } }, ...(group ? [{ name: group, state }] : [])];
  return {
    metadata: { name, labels: { 'airfield.dev/process': group, ...labels } },
    status: { podIP: ip, containerStatuses },
  } as unknown as ObservedPod;
}

const asked = (spec: Partial<AppSpecInput>, ...pods: ObservedPod[]) => machineChecks(anApp(spec).spec, pods);
const names = (spec: Partial<AppSpecInput>, ...pods: ObservedPod[]) =>
  asked(spec, ...pods).map(({ machines }) => machines.map(({ name }) => name));

describe('what is asked of the machines of an App', () => {
  it('is what its checks say, with the defaults of Fly', () => {
    expect(asked({ services, checks: [{ ...up, path: '/up' }] }, pod('one'))).toEqual([
      {
        name: 'up',
        type: 'http',
        path: '/up',
        port: 8080,
        intervalMs: 15_000,
        timeoutMs: 10_000,
        graceMs: 0,
        machines: [{ name: 'one', address: '10.0.0.1', startedAt: Date.parse(startedAt) }],
      },
    ]);
  });

  it('is nothing without checks', () => {
    expect(asked({ services }, pod('one'))).toEqual([]);
  });

  it('has durations within the bounds', () => {
    const check = { ...up, interval: '1ms', timeout: '5m', gracePeriod: '1m30s' };
    expect(asked({ services, checks: [check] })).toMatchObject([
      { intervalMs: 2_000, timeoutMs: 60_000, graceMs: 90_000 },
    ]);
  });

  it('has a port of its own, else that of the first service, else cannot be asked', () => {
    expect(asked({ services, checks: [{ ...up, port: 7000 }] })).toMatchObject([{ port: 7000 }]);
    expect(asked({ checks: [up] }, pod('one'))).toEqual([]);
  });

  it('concerns the default group, or the groups that it names', () => {
    const processes = [{ name: 'app' }, { name: 'worker' }];
    const checks = [up, { ...up, name: 'work', processes: ['worker'] }];
    const pods = [pod('one'), pod('two', { group: 'worker' })];
    expect(names({ services, processes, checks }, ...pods)).toEqual([['one'], ['two']]);
  });

  it.each<[string, ObservedPod]>([
    ['has no address', pod('one', { ip: '' })],
    ['does not run', pod('one', { state: { waiting: {} } as never })],
    ['runs a release command', pod('one', { labels: { 'airfield.dev/role': 'release-command' } })],
    ['is of no group', pod('one', { group: '' })],
  ])('does not concern a pod that %s', (_, other) => {
    expect(names({ services, checks: [up] }, other)).toEqual([[]]);
  });

  it('does not concern a machine that is on its way out', () => {
    const leaving = pod('one');
    leaving.metadata.deletionTimestamp = startedAt;
    expect(names({ services, checks: [up] }, leaving, pod('two'))).toEqual([['two']]);
  });
});

describe('the ports of the checks', () => {
  it('are listed once each', () => {
    const checks = [up, { ...up, name: 'a', port: 80 }, { ...up, name: 'b', port: 8080 }];
    expect(checkedPorts(anApp({ services, checks }).spec)).toEqual([80, 8080]);
    expect(checkedPorts(anApp({ checks: [up] }).spec)).toEqual([]);
  });
});
