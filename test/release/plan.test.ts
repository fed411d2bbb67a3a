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
  refusing: { healthy: true, command: 'fails' },
  hanging: { healthy: true, command: 'hangs' },
};
const services = [{ internalPort: 8080, ports: [{ port: 80 }] }];
const spec = (mode: string, more: Spec = {}): Spec => ({
  services,
  env: { MODE: mode },
  ...more,
  deploy: { waitTimeout: '30s', ...more.deploy },
});

/** An App whose first release is complete. */
function settled(more: Spec = {}): Simulation {
  const cluster = new Simulation(behaviours, spec('good', more));
  cluster.run(5);
  expect(cluster.plan.current).toMatchObject({ version: 1, journal: { phase: 'complete' } });
  return cluster;
}

const journals = ({ releases }: Simulation) => releases.map(({ version, journal }) => `${version} ${journal.phase}`);

describe.each(strategies)('a release that goes out %s', (strategy) => {
  const deploy = { strategy };

  it('ends with its machines alone in the traffic', () => {
    const cluster = settled({ deploy });
    cluster.edit(spec('better', { deploy }));
    const plan = cluster.run();
    expect(plan.current).toMatchObject({ version: 2, journal: { phase: 'complete' } });
    expect(plan.serving).toBe(plan.current);
    expect(cluster.inTraffic()).toEqual([2]);
    expect(plan.workloads.map(({ release, role }) => `${release.version} ${role}`)).toEqual(['2 machines']);
  });

  it('is given back where its machines do not become ready, with the reason', () => {
    const cluster = settled({ deploy });
    cluster.edit(spec('crashing', { deploy }));
    const plan = cluster.run();
    expect(plan.current).toMatchObject({ version: 2, journal: { phase: 'failed', reason: 'CrashLoopBackOff' } });
    expect(plan.serving?.version).toBe(1);
    expect(cluster.inTraffic()).toEqual([1]);
    expect(plan.workloads.map(({ release }) => release.version)).toEqual([1]);
  });

  it('leaves the old machines in the traffic until then', () => {
    const cluster = settled({ deploy });
    cluster.edit(spec('crashing', { deploy }));
    for (let i = 0; i < 10; i++) {
      cluster.reconcile();
      expect(cluster.inTraffic()).toContain(1);
      cluster.settle();
      cluster.wait(5);
    }
  });

  it('touches no machine where its command fails', () => {
    const withCommand = { deploy: { ...deploy, releaseCommand: ['migrate'] } };
    const cluster = settled(withCommand);
    cluster.edit(spec('refusing', withCommand));
    const plan = cluster.run();
    expect(plan.current.journal).toMatchObject({
      phase: 'failed',
      failedIn: 'command',
      reason: 'ReleaseCommandFailed',
    });
    expect(cluster.inTraffic()).toEqual([1]);
    expect(cluster.commands).toEqual([
      { version: 1, succeeded: true },
      { version: 2, succeeded: false },
    ]);
  });
});

it.each([
  ['rolling', ['rollout', 'complete']],
  ['immediate', ['rollout', 'complete']],
  ['canary', ['canary', 'rollout', 'complete']],
  ['bluegreen', ['canary', 'complete']],
] as const)('a release goes out %s in the phases %j', (strategy, phases) => {
  const deploy = { strategy };
  const cluster = settled({ deploy });
  cluster.edit(spec('better', { deploy }));
  const seen = new Set<string>();
  for (let i = 0; i < 6; i++) {
    seen.add(cluster.reconcile().current.journal.phase);
    cluster.settle();
  }
  expect([...seen]).toEqual(phases);
});

describe('releases', () => {
  it('are not made by what changes no machine', () => {
    const cluster = settled();
    const ports = [{ port: 80 }, { port: 81 }];
    cluster.edit(spec('good', { services: [{ internalPort: 8080, ports }], count: 5, network: { allowFrom: [] } }));
    expect(cluster.run().current.version).toBe(1);
    expect(cluster.plan.services[0]?.ports).toHaveLength(2);
    expect(cluster.plan.workloads[0]?.count).toBe(5);
  });

  it('take the place of one that is on its way', () => {
    const cluster = settled();
    cluster.edit(spec('crashing'));
    cluster.reconcile();
    cluster.edit(spec('better'));
    cluster.run();
    expect(journals(cluster)).toEqual(['1 complete', '2 superseded', '3 complete']);
  });

  it('end where the spec goes back to what serves, and can be asked for again', () => {
    const cluster = settled();
    cluster.edit(spec('crashing'));
    cluster.run();
    cluster.edit(spec('good'));
    expect(cluster.run().current).toMatchObject({ version: 1, journal: { phase: 'complete' } });
    expect(journals(cluster)).toEqual(['1 complete', '2 superseded']);
    cluster.edit(spec('crashing'));
    cluster.run();
    expect(journals(cluster)).toEqual(['1 complete', '2 superseded', '3 failed']);
  });

  it('that failed are tried again when anything about how they go out has changed', () => {
    const cluster = settled();
    cluster.edit(spec('refusing', { deploy: { releaseCommand: ['migrat'] } }));
    cluster.run();
    cluster.edit(spec('refusing', { deploy: {} }));
    expect(cluster.run().current).toMatchObject({ version: 3, journal: { phase: 'complete' } });
  });

  it('that failed with what was said of them on their way are not tried again for that', () => {
    const cluster = settled();
    cluster.edit(spec('crashing'));
    cluster.reconcile();
    cluster.edit(spec('crashing', { deploy: { waitTimeout: '20s' } }));
    cluster.run();
    expect(journals(cluster)).toEqual(['1 complete', '2 failed']);
    cluster.edit(spec('crashing', { deploy: { waitTimeout: '40s' } }));
    cluster.run();
    expect(journals(cluster)).toEqual(['1 complete', '2 superseded', '3 failed']);
  });

  it('that failed stay failed and are not tried again by themselves', () => {
    const cluster = settled();
    cluster.edit(spec('crashing'));
    cluster.run();
    cluster.run();
    expect(journals(cluster)).toEqual(['1 complete', '2 failed']);
    expect(cluster.plan.until).toBeUndefined();
  });

  it('that failed keep their machines where that is asked for, and may come to their end after all', () => {
    const deploy = { autoRollback: false };
    const late = { ...behaviours, crashing: { healthy: false, command: 'succeeds' as const } };
    const cluster = new Simulation(late, spec('good', { deploy }));
    cluster.run(5);
    cluster.edit(spec('crashing', { deploy }));
    expect(cluster.run().workloads.map(({ release }) => release.version)).toEqual([2]);
    late.crashing.healthy = true;
    expect(cluster.run().current).toMatchObject({ version: 2, journal: { phase: 'complete' } });
  });

  it('go back to an earlier one by hand, without its command, and forward again', () => {
    const deploy = { releaseCommand: ['migrate'] };
    const cluster = settled({ deploy });
    cluster.edit(spec('better', { deploy }));
    cluster.run();
    cluster.edit(spec('better', { deploy: { ...deploy, rollbackTo: 1 } }));
    const plan = cluster.run();
    expect(plan.current).toMatchObject({ version: 3, rollbackOf: 1, journal: { phase: 'complete' } });
    expect(plan.current.spec.env.MODE).toBe('good');
    expect(cluster.commands.map(({ version }) => version)).toEqual([1, 2]);
    cluster.edit(spec('better', { deploy }));
    expect(cluster.run().current).toMatchObject({ version: 4, spec: { env: { MODE: 'better' } } });
  });

  it('are kept ten, and the one that serves', () => {
    const cluster = settled();
    for (let i = 0; i < 12; i++) {
      cluster.edit(spec('crashing', { env: { MODE: 'crashing', N: `${i}` } }));
      cluster.run(8);
    }
    expect(cluster.releases.map(({ version }) => version)).toEqual([1, ...Array.from({ length: 10 }, (_, i) => i + 4)]);
    expect(cluster.inTraffic()).toEqual([1]);
  });

  it('keep leading traffic to the ports of the one that serves until they are complete', () => {
    const cluster = settled();
    const other = [{ internalPort: 9090, ports: [{ port: 80 }] }];
    cluster.edit(spec('crashing', { services: other }));
    cluster.reconcile();
    expect(cluster.plan.services[0]?.internalPort).toBe(8080);
    cluster.edit(spec('better', { services: other }));
    expect(cluster.run().services[0]?.internalPort).toBe(9090);
  });

  it('keep groups that are no more until their own have arrived', () => {
    const processes = [{ name: 'web' }, { name: 'worker', count: 3 }];
    const serving = { services: [{ ...services[0]!, processes: ['web'] }] };
    const cluster = settled({ ...serving, processes });
    cluster.edit(spec('crashing', { ...serving, processes: [{ name: 'web' }] }));
    const plan = cluster.reconcile();
    expect(plan.workloads.map(({ name, count }) => `${name} ${count}`)).toEqual(['hello-web 2', 'hello-worker 3']);
    cluster.edit(spec('better', { ...serving, processes: [{ name: 'web' }] }));
    expect(cluster.run().workloads.map(({ name }) => name)).toEqual(['hello-web']);
  });
});

describe('whatever happens, in whatever order', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('edit' as const),
      mode: fc.constantFrom(...Object.keys(behaviours)),
      strategy: fc.constantFrom(...strategies),
    }),
    fc.record({ do: fc.constantFrom('reconcile' as const, 'settle' as const) }),
    fc.record({ do: fc.constantFrom('reconcile' as const, 'settle' as const) }),
    fc.record({ do: fc.constantFrom('reconcile' as const, 'settle' as const) }),
    fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  );

  it('a healthy release serves, commands neither overlap nor repeat a success, and the last word is done', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cluster = settled({ deploy: { releaseCommand: ['migrate'] } });
        for (const one of steps) {
          if (one.do === 'edit') {
            cluster.edit(spec(one.mode, { deploy: { strategy: one.strategy, releaseCommand: ['migrate'] } }));
          } else if (one.do === 'wait') cluster.wait(one.seconds);
          else cluster[one.do]();
          expect(cluster.inTraffic().length).toBeGreaterThan(0);
          expect(new Set(cluster.releases.map(({ version }) => version)).size).toBe(cluster.releases.length);
        }
        const succeeded = cluster.commands.filter((command) => command.succeeded).map(({ version }) => version);
        expect(new Set(succeeded).size).toBe(succeeded.length);
        cluster.edit(spec('better', { env: { MODE: 'better', LAST: '1' } }));
        const plan = cluster.run(10);
        expect(plan.current.journal.phase).toBe('complete');
        expect(plan.current.spec.env.LAST).toBe('1');
        expect(cluster.inTraffic()).toEqual([plan.current.version]);
      }),
      { numRuns: 300 },
    );
  });
});
