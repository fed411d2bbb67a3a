import { describe, expect, it } from 'vitest';
import type { ObservedPod, ObservedWorkload } from '../../src/api/kubernetes.ts';
import { label, suspendedAnnotation } from '../../src/api/meta.ts';
import { dueMachines } from '../../src/scaling/due.ts';
import { aWorkload } from '../desired/app-fixture.ts';

const full = { requests: { cpu: '500m' }, limits: { cpu: '1' } };
const small = { requests: { cpu: '1m' }, limits: { cpu: '100m' } };

const pod = (name: string, resources: object, isSuspended: boolean) =>
  ({
    metadata: {
      name,
      labels: { [label.workload]: workload().name },
      ...(isSuspended && { annotations: { [suspendedAnnotation]: '{}' } }),
    },
    spec: { containers: [{ name: 'app', resources }] },
    status: { qosClass: 'Burstable' },
  }) as unknown as ObservedPod;

const workload = (autoStop: 'off' | 'stop' | 'suspend' = 'suspend', min = 0) =>
  aWorkload({
    count: 3,
    services: [{ internalPort: 8080, ports: [{ port: 80 }], autoStop, minMachinesRunning: min }],
  });

const due = (of: ReturnType<typeof workload>, ...pods: ObservedPod[]) => {
  const template = { spec: { containers: [{ name: 'app', resources: full }] } };
  const observed = { kind: 'Deployment', metadata: { name: of.name }, spec: { template } };
  return dueMachines([of], [observed as unknown as ObservedWorkload], pods).map(({ pod, why }) => [
    pod.metadata.name,
    why,
  ]);
};

describe('a suspended machine has to run again', () => {
  const [one, two, running] = [pod('one', small, true), pod('two', small, true), pod('running', full, false)];

  it('not as long as enough run', () => {
    expect(due(workload('suspend', 1), one, running)).toEqual([]);
  });

  it('where fewer run than have to', () => {
    expect(due(workload('suspend', 2), one, two, running)).toEqual([['one', '2 have to run']]);
  });

  it.each(['off', 'stop'] as const)('where its services say %s', (autoStop) => {
    const why = 'its services do not say `autoStop: suspend` any more';
    expect(due(workload(autoStop), one, running)).toEqual([['one', why]]);
  });

  it('where it was resumed while it was being suspended', () => {
    expect(due(workload(), pod('small', small, false))).toEqual([['small', 'it was left with little CPU']]);
  });

  it('not where somebody has given it another size by hand', () => {
    expect(due(workload(), pod('other', { requests: { cpu: '50m' }, limits: { cpu: '100m' } }, false))).toEqual([]);
  });
});
