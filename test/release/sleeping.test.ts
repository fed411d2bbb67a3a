import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { type Behaviour, Simulation } from './simulation.ts';

type Spec = Partial<AppSpecInput>;
type Strategy = NonNullable<NonNullable<Spec['deploy']>['strategy']>;

const strategies: Strategy[] = ['rolling', 'immediate', 'canary', 'bluegreen'];
const behaviours: Record<string, Behaviour> = {
  good: { healthy: true, command: 'succeeds' },
  better: { healthy: true, command: 'succeeds' },
  crashing: { healthy: false, command: 'succeeds' },
};
const services = [{ internalPort: 8080, ports: [{ port: 80 }], autoStop: 'stop' as const }];
const spec = (mode: string, more: Spec = {}): Spec => ({
  services,
  count: 3,
  env: { MODE: mode },
  ...more,
  deploy: { waitTimeout: '30s', ...more.deploy },
});

/** An App whose first release is complete, and of which this many machines run. */
function running(machines: number, more: Spec = {}): Simulation {
  const cluster = new Simulation(behaviours, spec('good', more));
  cluster.run(5);
  expect(cluster.plan.current).toMatchObject({ version: 1, journal: { phase: 'complete' } });
  cluster.scale(machines);
  return cluster;
}

const minimum = ({ plan }: Simulation) => plan.workloads.map(({ scale }) => scale?.min);

describe.each(strategies)('an App without work, of which a release goes out %s,', (strategy) => {
  const deploy = { strategy };

  it('shows with one machine that the release starts, and may sleep again', () => {
    const cluster = running(0, { deploy });
    cluster.edit(spec('better', { deploy }));
    const plan = cluster.run();
    expect(plan.current).toMatchObject({ version: 2, journal: { phase: 'complete' } });
    expect(cluster.proved).toContain(2);
    expect(cluster.machines()).toBe(1);
    expect(minimum(cluster)).toEqual([0]);
    cluster.scale(0);
    expect(cluster.run().current).toMatchObject({ version: 2, journal: { phase: 'complete' } });
    expect(cluster.machines()).toBe(0);
  });

  it('goes back to the old one, and sleeps, where no machine of it becomes ready', () => {
    const cluster = running(0, { deploy });
    cluster.edit(spec('crashing', { deploy }));
    const { current, workloads } = cluster.run();
    expect(current).toMatchObject({ version: 2, journal: { phase: 'failed', reason: 'CrashLoopBackOff' } });
    expect(workloads.map(({ release, scale }) => [release.version, scale?.min])).toEqual([[1, 0]]);
    cluster.scale(0);
    cluster.run();
    expect(cluster.machines()).toBe(0);
    cluster.edit(spec('good', { deploy }));
    expect(cluster.run().current).toMatchObject({ version: 1, journal: { phase: 'complete' } });
    expect(cluster.machines()).toBe(0);
  });

  it('is not held up by a machine that is stopped while the release is on its way', () => {
    const cluster = running(1, { deploy });
    cluster.edit(spec('better', { deploy }));
    cluster.reconcile();
    cluster.scale(0);
    expect(cluster.run().current).toMatchObject({ version: 2, journal: { phase: 'complete' } });
    expect(cluster.proved).toContain(2);
  });
});

describe('a release of an App whose machines stop without work', () => {
  it('has as many machines as it takes the work over from, before it does', () => {
    const deploy = { strategy: 'bluegreen' as const };
    const cluster = running(2, { deploy });
    cluster.edit(spec('better', { deploy }));
    expect(cluster.reconcile().workloads.map(({ slot, scale }) => [slot, scale?.min])).toEqual([
      ['blue', 0],
      ['green', 2],
    ]);
    cluster.settle();
    cluster.scale(3);
    cluster.settle();
    cluster.run();
    expect(cluster.machines()).toBe(3);
  });

  it('stops none while it replaces them', () => {
    const cluster = running(2);
    cluster.edit(spec('better'));
    cluster.reconcile();
    expect([minimum(cluster), cluster.machines()]).toEqual([[2], 2]);
    cluster.run();
    expect([minimum(cluster), cluster.machines()]).toEqual([[0], 2]);
  });

  it('goes on with its minimum, and has never more machines than the count', () => {
    const cluster = running(3, { services: [{ ...services[0]!, minMachinesRunning: 2 }] });
    cluster.scale(0);
    cluster.reconcile();
    expect([minimum(cluster), cluster.machines()]).toEqual([[2], 2]);
    cluster.edit(spec('good', { services, count: 1 }));
    cluster.reconcile();
    expect(cluster.machines()).toBe(1);
  });

  it('keeps one where a failed one is left in place, so that it may come to its end after all', () => {
    const late = { ...behaviours, crashing: { healthy: false, command: 'succeeds' as const } };
    const deploy = { autoRollback: false };
    const cluster = new Simulation(late, spec('good', { deploy }));
    cluster.run(5);
    cluster.scale(0);
    cluster.edit(spec('crashing', { deploy }));
    expect(cluster.run().current.journal.phase).toBe('failed');
    cluster.scale(0);
    cluster.run();
    expect(cluster.machines()).toBe(1);
    late.crashing.healthy = true;
    expect(cluster.run().current).toMatchObject({ version: 2, journal: { phase: 'complete' } });
  });

  it('is not made by turning sleep on or off, and one whose machines all run is not complete while they sleep', () => {
    const cluster = running(0);
    const awake = { services: [{ ...services[0]!, autoStop: 'off' as const }] };
    cluster.edit(spec('good', awake));
    expect(cluster.run().current.version).toBe(1);
    expect(cluster.machines()).toBe(3);
    cluster.edit(spec('better'));
    cluster.reconcile();
    cluster.scale(0);
    cluster.edit(spec('better', awake));
    expect(cluster.reconcile().current.journal.phase).toBe('rollout');
  });
});

it('machines whose traffic still comes past the gates are not stopped, whatever the App says by now', () => {
  const direct = [{ ...services[0]!, autoStop: 'off' as const }];
  const cluster = running(3, { services: direct });
  cluster.edit(spec('crashing', { services: [{ ...services[0]!, internalPort: 9090 }] }));
  const { current, services: inTraffic, workloads } = cluster.run();
  expect([current.journal.phase, inTraffic[0]?.autoStop]).toEqual(['failed', 'off']);
  expect(workloads[0]).not.toHaveProperty('scale');
  cluster.edit(spec('good'));
  cluster.reconcile();
  expect(minimum(cluster)).toEqual([0]);
});

it('a machine that is started for work is looked at again when it has had its time', () => {
  const cluster = running(0);
  expect(cluster.run(1).until).toBeUndefined();
  cluster.scale(1);
  const { until } = cluster.reconcile();
  expect(until?.getTime()).toBe(cluster.now.getTime() + 30_000);
});

describe('whatever happens, in whatever order, and however many machines run', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('edit' as const),
      mode: fc.constantFrom(...Object.keys(behaviours)),
      strategy: fc.constantFrom(...strategies),
      count: fc.integer({ min: 0, max: 3 }),
      autoStop: fc.constantFrom('stop' as const, 'stop' as const, 'off' as const),
    }),
    fc.record({ do: fc.constantFrom('reconcile' as const, 'settle' as const) }),
    fc.record({ do: fc.constantFrom('reconcile' as const, 'settle' as const) }),
    fc.record({ do: fc.constant('scale' as const), machines: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  );

  it('no release is complete of which no machine was ready, and the last word is done', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cluster = running(0);
        let mayBeNone = false;
        for (const one of steps) {
          if (one.do === 'edit') {
            const { mode, strategy, count, autoStop } = one;
            mayBeNone ||= count === 0;
            cluster.edit(spec(mode, { count, deploy: { strategy }, services: [{ ...services[0]!, autoStop }] }));
          } else if (one.do === 'wait') cluster.wait(one.seconds);
          else if (one.do === 'scale') cluster.scale(one.machines);
          else cluster[one.do]();
          const complete = cluster.releases.filter(({ journal }) => journal.phase === 'complete');
          if (!mayBeNone) for (const { version } of complete) expect(cluster.proved).toContain(version);
          for (const { count, scale } of cluster.plan.workloads)
            if (scale) expect(scale.min).toBeLessThanOrEqual(count);
        }
        cluster.edit(spec('better', { env: { MODE: 'better', LAST: '1' } }));
        for (let i = 0; i < 10; i++) {
          cluster.scale(i % 2);
          cluster.run(1);
        }
        const plan = cluster.run(10);
        expect(plan.current).toMatchObject({ journal: { phase: 'complete' }, spec: { env: { LAST: '1' } } });
        expect(cluster.proved).toContain(plan.current.version);
        cluster.scale(0);
        cluster.run(3);
        expect(cluster.machines()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
