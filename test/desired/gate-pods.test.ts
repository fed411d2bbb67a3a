import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { mayHaveConnections, takesTraffic } from '../../src/desired/gate-pods.ts';
import { readyPod } from './gated-app.ts';

const now = new Date('2026-01-01T00:01:00Z');
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const killed = (second: number) => ({ terminated: { exitCode: 137, finishedAt: `2026-01-01T00:00:${second}Z` } });

/** A gate that is not ready, whose containers are like this. */
const gate = (...containerStatuses: object[]): ObservedPod => ({
  ...readyPod('gate-a', '10.0.0.1'),
  status: { podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'False' }], containerStatuses } as never,
});

describe('a gate takes traffic', () => {
  it('when it is ready', () => expect(takesTraffic(readyPod('gate-a', '10.0.0.1'), now)).toBe(true));

  it.each([
    ['has just been killed', { name: 'gate', state: killed(55) }],
    ['starts again after that', { name: 'gate', state: running, lastState: killed(55) }],
  ])('while it %s and its HAProxy runs', (_, container) => {
    expect(takesTraffic(gate(container, { name: 'haproxy', state: running }), now)).toBe(true);
  });

  it.each([
    ['it starts for the first time', gate({ name: 'gate', state: running }, { name: 'haproxy', state: running })],
    ['it was killed long ago', gate({ name: 'gate', state: killed(40) }, { name: 'haproxy', state: running })],
    ['its HAProxy is gone, too', gate({ name: 'gate', state: killed(55) }, { name: 'haproxy', state: killed(55) })],
    ['its HAProxy is a part of it', gate({ name: 'gate', state: killed(55) })],
  ])('never when %s', (_, pod) => expect(takesTraffic(pod, now)).toBe(false));

  it('not when it is asked to stop, ready or not', () => {
    const pod = readyPod('gate-a', '10.0.0.1');
    expect(
      takesTraffic({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:59Z' } }, now),
    ).toBe(false);
  });
});

it('a gate may have connections as long as its HAProxy runs, and until it is gone', () => {
  const leaving = { ...gate(), metadata: { ...gate().metadata, deletionTimestamp: '2026-01-01T00:00:59Z' } };
  const pods = [gate({ name: 'haproxy', state: running }), gate({ name: 'haproxy', state: killed(5) }), leaving];
  expect(pods.map(mayHaveConnections)).toEqual([true, false, true]);
});
