import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { scaledAnnotation } from '../../src/api/meta.ts';
import { deployment } from '../../src/desired/deployment.ts';
import { feasible, withoutGates } from '../../src/desired/gated.ts';
import { statefulSet } from '../../src/desired/stateful-set.ts';
import { workloadsOf } from '../../src/desired/workloads.ts';
import { anApp, aRelease, aWorkload, childrenOf, settings, theWorkloads } from './app-fixture.ts';

type Spec = Partial<AppSpecInput>;
type Service = NonNullable<Spec['services']>[number];

const service = (more: Partial<Service> = {}): Service => ({
  internalPort: 8080,
  ports: [{ port: 80 }],
  autoStop: 'stop',
  ...more,
});
const direct = service({ internalPort: 9090, ports: [{ port: 90 }], autoStop: 'off' });
const scalesOf = (spec: Spec) => theWorkloads(anApp(spec)).map(({ name, scale }) => [name, scale?.min]);

describe('the machines that are stopped without work', () => {
  it.each<[string, Spec, number | undefined]>([
    ['one service that stops', { services: [service()] }, 0],
    ['one that would suspend', { services: [service({ autoStop: 'suspend' })] }, 0],
    ['no service', {}, undefined],
    ['a service that does not stop', { services: [direct] }, undefined],
    ['another service that does not stop', { services: [service(), direct] }, undefined],
    ['another one that nobody connects to', { services: [service(), { ...direct, ports: [] }] }, 0],
    ['only one that nobody connects to', { services: [service({ ports: [] })] }, undefined],
    ['another one of udp, which nobody sees', { services: [service(), { ...direct, protocol: 'udp' }] }, undefined],
    ['no machine at all', { services: [service()], count: 0 }, undefined],
    ['the largest minimum', { count: 3, services: [1, 2].map((n) => service({ minMachinesRunning: n })) }, 2],
    ['a minimum beyond the count', { count: 2, services: [service({ minMachinesRunning: 5 })] }, 2],
    ['volumes', { services: [service()], mounts: [{ name: 'data', destination: '/data' }] }, 0],
  ])('are those of a group with %s', (_, spec, min) => {
    expect(aWorkload(spec).scale?.min).toBe(min);
  });

  it.each<[string, string, 'stop' | 'suspend']>([
    ['stop', 'stop', 'stop'],
    ['suspend', 'suspend', 'suspend'],
    ['stop', 'suspend', 'suspend'],
  ])('are treated as the gentlest of their services says: %s and %s', (one, other, mode) => {
    const services = [one, other].map((autoStop) => service({ autoStop: autoStop as 'stop' }));
    expect(aWorkload({ services }).scale?.mode).toBe(mode);
  });

  it('are stopped where pods cannot be resized', () => {
    const app = anApp({ services: [service({ autoStop: 'suspend' })] });
    const gates = {
      namespace: 'airfield',
      ports: { first: 20_000, last: 20_001 },
      policies: false,
      certificates: 'airfield',
    };
    expect(theWorkloads(feasible(app, { gates, canResize: false }))[0]?.scale?.mode).toBe('stop');
    expect(theWorkloads(feasible(app, { gates, canResize: true }))[0]?.scale?.mode).toBe('suspend');
  });

  it('are counted for each group', () => {
    const processes = [{ name: 'web' }, { name: 'worker' }];
    expect(scalesOf({ processes, services: [service({ processes: ['web'] })] })).toEqual([
      ['hello-web', 0],
      ['hello-worker', undefined],
    ]);
  });

  it.each([['fra'], [undefined]])('have their minimum in the primary region alone: %s', (primaryRegion) => {
    const regions = ['fra', 'iad'].map((name) => ({ name, count: 2 }));
    const services = [service({ minMachinesRunning: 1, processes: ['app'] })];
    const workloads = theWorkloads(anApp({ primaryRegion, processes: [{ name: 'app', regions }], services }));
    expect(workloads.map(({ region, scale }) => [region, scale?.min])).toEqual([
      ['fra', 1],
      ['iad', 0],
    ]);
  });

  it('are those of the App of today, whatever release they are of', () => {
    const release = aRelease(anApp({ services: [service()] }));
    const today = anApp({ services: [service({ autoStop: 'off' })] });
    expect(workloadsOf(today, { release, slot: 'blue', role: 'machines' })[0]).not.toHaveProperty('scale');
  });

  it('are none where a machine is only tried, and none where there are no gates', () => {
    const app = anApp({ services: [service()] });
    const [canary] = workloadsOf(app, { release: aRelease(app), slot: 'blue', role: 'canary' });
    expect(canary).not.toHaveProperty('scale');
    expect(theWorkloads(withoutGates(app))[0]).not.toHaveProperty('scale');
  });
});

describe('a workload of them', () => {
  const sleeping = { services: [service()], count: 3 };
  const steady = { services: [service({ autoStop: 'off' })], count: 3 };

  it.each([deployment, statefulSet])('does not say how many run, but that somebody else does', (kind) => {
    const scaled = kind(aWorkload(sleeping), settings);
    expect(scaled.spec).not.toHaveProperty('replicas');
    expect(scaled.metadata.annotations).toEqual({ [scaledAnnotation]: 'true' });
    const all = kind(aWorkload(steady), settings);
    expect(all.spec?.replicas).toBe(3);
    expect(all.metadata).not.toHaveProperty('annotations');
  });

  it('is the same pods as one of which all run, so that turning it on replaces none', () => {
    const [scaled, all] = [sleeping, steady].map((spec) => deployment(aWorkload(spec), settings).spec?.template);
    expect(scaled).toEqual(all);
  });

  it.each([
    [1, 6, '17%'],
    [2, 6, '34%'],
    [5, 6, '84%'],
    ['100%', 200, '99%'],
    ['33%', 2, 0],
  ])('may miss %s of %i as a share of those that run, which is never all', (maxUnavailable, count, share) => {
    const { strategy } = deployment(aWorkload({ ...sleeping, count, deploy: { maxUnavailable } }), settings).spec ?? {};
    expect(strategy?.rollingUpdate?.maxUnavailable).toBe(share);
  });

  it('keeps its budget for drains, which counts those that should run', () => {
    const kinds = childrenOf(anApp(sleeping)).map(({ kind }) => kind);
    expect(kinds).toContain('PodDisruptionBudget');
  });
});
