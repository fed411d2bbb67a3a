import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { internalSlice } from '../../src/desired/internal-slice.ts';
import { anApp } from './app-fixture.ts';

const pod = (
  name: string,
  podIP: string,
  more: { ready?: boolean; meta?: object; labels?: object } = {},
): ObservedPod => {
  const { ready = true, meta = {}, labels = { 'statefulset.kubernetes.io/pod-name': name } } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { ...labels }, ...meta },
    status: { podIP, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
};

describe('<app>.internal of machines with volumes', () => {
  it('has the addresses of those that are ready, under the name of the App, in a stable order', () => {
    const pods = [
      pod('b', '10.0.0.2'),
      pod('a', '10.0.0.1'),
      pod('starting', '10.0.0.3', { ready: false }),
      pod('leaving', '10.0.0.4', { meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      pod('without-a-volume', '10.0.0.5', { labels: {} }),
    ];
    expect(internalSlice(anApp(), pods)).toMatchObject({
      metadata: { name: 'hello-internal', labels: { 'kubernetes.io/service-name': 'internal' } },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.0.1'], hostname: 'hello', conditions: { ready: true } },
        { addresses: ['10.0.0.2'], hostname: 'hello', conditions: { ready: true } },
      ],
    });
  });

  it('is of the family that the machines have', () => {
    expect(internalSlice(anApp(), [pod('a', 'fd00::1')])?.addressType).toBe('IPv6');
  });

  it('is not there without such machines, nor while none is ready', () => {
    expect(internalSlice(anApp(), [])).toBeUndefined();
    expect(internalSlice(anApp(), [pod('a', '10.0.0.1', { ready: false })])).toBeUndefined();
  });
});
