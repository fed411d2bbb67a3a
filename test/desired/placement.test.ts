import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { Regions } from '../../src/api/region.ts';
import { disruptionBudget } from '../../src/desired/disruption-budget.ts';
import { placement } from '../../src/desired/placement.ts';
import { anApp, aWorkload, settings, theWorkloads } from './app-fixture.ts';

const labels = { fra: ['eu-central-1', 'eu-west-1'] };
const key = 'topology.kubernetes.io/region';

const affinityOf = (spec: Partial<AppSpecInput>, regions: Partial<Regions> = {}) =>
  placement(aWorkload(spec), { ...settings, regions: { ...settings.regions, labels, ...regions } }).affinity;

describe('where machines go', () => {
  it('is anywhere while nobody names a region', () => {
    expect(affinityOf({})).toBeUndefined();
    expect(affinityOf({}, { mode: 'require' })).toBeUndefined();
  });

  it('is rather their region, so that an App of Fly runs on a cluster with one region', () => {
    expect(affinityOf({ primaryRegion: 'fra' })).toEqual({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            preference: { matchExpressions: [{ key, operator: 'In', values: ['eu-central-1', 'eu-west-1'] }] },
          },
        ],
      },
    });
  });

  it('is their region only, where the operator says so', () => {
    expect(affinityOf({ primaryRegion: 'fra' }, { mode: 'require' })).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['eu-central-1', 'eu-west-1'] }] }],
        },
      },
    });
  });

  it.each(['iad', 'constructor'])('takes region %s, which has no values of its own, by its name', (region) => {
    const affinity = JSON.stringify(affinityOf({ primaryRegion: region }));
    expect(affinity).toContain(`"values":["${region}"]`);
  });

  it('is the region of each share of a group', () => {
    const regions = [
      { name: 'iad', count: 1 },
      { name: 'fra', count: 2 },
    ];
    const workloads = theWorkloads(anApp({ primaryRegion: 'iad', processes: [{ name: 'app', regions }] }));
    expect(workloads.map((workload) => JSON.stringify(placement(workload, settings).affinity))).toEqual([
      expect.stringContaining('["iad"]'),
      expect.stringContaining('["fra"]'),
    ]);
  });

  it('is spread over zones and nodes, each revision by itself', () => {
    const revisions = (spec: Partial<AppSpecInput>) =>
      placement(aWorkload(spec), settings).topologySpreadConstraints?.map((constraint) => [
        constraint.topologyKey,
        constraint.whenUnsatisfiable,
        constraint.matchLabelKeys,
      ]);
    expect(revisions({})).toEqual([
      ['topology.kubernetes.io/zone', 'ScheduleAnyway', ['pod-template-hash']],
      ['kubernetes.io/hostname', 'ScheduleAnyway', ['pod-template-hash']],
    ]);
    expect(revisions({ mounts: [{ name: 'data', destination: '/data' }] })).toEqual([
      ['topology.kubernetes.io/zone', 'ScheduleAnyway', ['controller-revision-hash']],
      ['kubernetes.io/hostname', 'ScheduleAnyway', ['controller-revision-hash']],
    ]);
  });

  it('does not depend on how many there are', () => {
    const of = (count: number) => placement(aWorkload({ processes: [{ name: 'app', count }] }), settings);
    expect(of(0)).toEqual(of(1));
    expect(of(1)).toEqual(of(7));
  });
});

describe('the budget of disruptions', () => {
  const budgetOf = (count: number, role: 'machines' | 'canary' = 'machines') =>
    disruptionBudget({ ...aWorkload(), count, role });

  it('lets one machine of several go at a time', () => {
    const { name, app } = aWorkload();
    expect(budgetOf(2)).toMatchObject({
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace: app.metadata.namespace },
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: { 'airfield.dev/app': 'hello', 'airfield.dev/workload': name } },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    });
  });

  it('does not hold one machine alone, which would block the drain of its node', () => {
    expect(budgetOf(0)).toBeUndefined();
    expect(budgetOf(1)).toBeUndefined();
  });

  it('does not hold a canary', () => {
    expect(budgetOf(2, 'canary')).toBeUndefined();
  });
});
