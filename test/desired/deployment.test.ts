import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { deployment } from '../../src/desired/deployment.ts';
import { anApp, aWorkload, settings, theWorkloads } from './app-fixture.ts';

type Spec = Partial<AppSpecInput>;

const web = { internalPort: 8080, ports: [{ port: 80 }] };
const specOf = (spec: Spec) => deployment(aWorkload(spec), settings).spec;

describe('the Deployment of a process group', () => {
  it.each<[string, Spec, number]>([
    ['2 with a service', { services: [web] }, 2],
    ['1 without one', {}, 1],
    ['1 with a mount', { services: [web], mounts: [{ name: 'data', destination: '/data' }] }, 1],
    ['what the group says', { processes: [{ name: 'app', count: 5 }] }, 5],
    ['what `kubectl scale` says, for the default group', { count: 4, services: [web] }, 4],
  ])('has as many machines as the first deploy on Fly makes: %s', (_, spec, count) => {
    expect(specOf(spec)?.replicas).toBe(count);
  });

  it('gives a group without a service one machine beside one that serves', () => {
    const spec = { processes: [{ name: 'web' }, { name: 'worker' }], services: [{ ...web, processes: ['web'] }] };
    expect(theWorkloads(anApp(spec)).map(({ name, count }) => `${name} ${count}`)).toEqual([
      'hello-web 2',
      'hello-worker 1',
    ]);
  });

  it('is one for each region, of which the primary one keeps the plain name', () => {
    const regions = [
      { name: 'iad', count: 1 },
      { name: 'fra', count: 2 },
    ];
    const workloads = theWorkloads(anApp({ primaryRegion: 'iad', processes: [{ name: 'app', regions }] }));
    expect(workloads.map(({ region, count }) => `${region} ${count}`)).toEqual(['iad 1', 'fra 2']);
    expect(workloads[0]?.name).toBe('hello-app');
    expect(workloads[1]?.name).toMatch(/^hello-app-fra-[0-9a-f]{8}$/);
    const [iad, fra] = workloads.map((workload) => deployment(workload, settings).spec?.selector.matchLabels);
    expect(iad).not.toEqual(fra);
  });

  it.each<[Spec['deploy'], number, number | string, number | string]>([
    [{}, 2, 0, '25%'],
    [{}, 6, 1, '25%'],
    [{ maxUnavailable: 2 }, 6, 2, '25%'],
    [{ maxUnavailable: 5 }, 3, 2, '25%'],
    [{ maxUnavailable: '100%' }, 1, 0, '25%'],
    [{ strategy: 'immediate' }, 4, 0, '100%'],
    [{ strategy: 'bluegreen' }, 4, 0, '100%'],
    [{ strategy: 'canary', maxUnavailable: 1 }, 4, 1, '25%'],
  ])('with %o and %i machines always keeps one that serves', (deploy, count, maxUnavailable, maxSurge) => {
    const { strategy } = specOf({ deploy, count }) ?? {};
    expect(strategy?.rollingUpdate).toEqual({ maxUnavailable, maxSurge });
  });

  it('lets a machine without a check run for some seconds before it counts', () => {
    expect(specOf({ services: [web] })).not.toHaveProperty('minReadySeconds');
    expect(specOf({})?.minReadySeconds).toBe(5);
  });

  it('never gives up sooner than that, which Kubernetes refuses', () => {
    expect(specOf({ deploy: { waitTimeout: '5s' } })?.progressDeadlineSeconds).toBe(6);
    expect(specOf({ deploy: { waitTimeout: '1m' } })?.progressDeadlineSeconds).toBe(60);
  });
});
