import { expect, it } from 'vitest';
import type { ObservedPod, ObservedWorkload } from '../../src/api/kubernetes.ts';
import { label } from '../../src/api/meta.ts';
import { adopting } from '../../src/release/adoption.ts';
import { aWorkload } from '../desired/app-fixture.ts';

const services = [{ internalPort: 8080, ports: [{ port: 80 }], autoStop: 'stop' as const }];
const mounts = [{ name: 'data', destination: '/data' }];
const workload = aWorkload({ services, mounts, count: 4 });
const { name } = workload;
const podsOf = (...numbers: number[]) =>
  numbers.map(
    (n) => ({ metadata: { name: `${name}-${n}`, labels: { [label.workload]: name } } }) as unknown as ObservedPod,
  );
const there = { kind: 'StatefulSet', metadata: { name } } as ObservedWorkload;

it.each<[string, number[], ObservedWorkload[], number | undefined]>([
  ['has all machines that are left of it', [0, 1, 2], [], 3],
  ['has them where one of them is missing', [2], [], 3],
  ['never has more than the App says', [0, 7], [], 4],
  ['begins as it does with the first one alone', [0], [], undefined],
  ['begins as it does without any', [], [], undefined],
  ['is scaled once it is there', [0, 1, 2], [there], undefined],
])('a StatefulSet that is made anew while its App may sleep %s', (_, numbers, workloads, count) => {
  const made = adopting(workload, { workloads, pods: podsOf(...numbers) });
  expect(made.scale).toEqual(count === undefined ? workload.scale : undefined);
  expect(made.count).toBe(count ?? 4);
});

it('a Deployment takes its machines with it', () => {
  const plain = aWorkload({ services, count: 4 });
  expect(adopting(plain, { workloads: [], pods: podsOf(0, 1) })).toBe(plain);
});
