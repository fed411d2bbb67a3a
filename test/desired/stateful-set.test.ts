import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { statefulSet } from '../../src/desired/stateful-set.ts';
import { anApp, aRelease, aWorkload, settings, theWorkloads } from './app-fixture.ts';

const data = { name: 'data', destination: '/data', size: '1024Mi' };
const build = (spec: Partial<AppSpecInput> = {}) => statefulSet(aWorkload({ mounts: [data], ...spec }), settings).spec;
const templates = (spec?: Partial<AppSpecInput>) => build(spec)?.volumeClaimTemplates ?? [];

describe('the StatefulSet of a group with mounts', () => {
  it('has a volume for each mount of the group, under the name by which the machine mounts it', () => {
    const mounts = [data, { name: 'pg-data', destination: '/pg' }, { ...data, name: 'other', processes: ['worker'] }];
    const spec = build({ processes: [{ name: 'app' }, { name: 'worker' }], mounts });
    const names = spec?.volumeClaimTemplates?.map(({ metadata }) => metadata?.name);
    expect(names).toEqual(['data', 'pg--data']);
    expect(spec?.template.spec?.containers[0]?.volumeMounts).toEqual(
      expect.arrayContaining([
        { name: 'data', mountPath: '/data' },
        { name: 'pg--data', mountPath: '/pg' },
      ]),
    );
  });

  it('asks for what the mount says', () => {
    expect(templates()[0]?.spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    });
    const [{ spec } = {}] = templates({ mounts: [{ ...data, storageClassName: 'fast', fromSnapshot: 'yesterday' }] });
    expect(spec).toMatchObject({
      storageClassName: 'fast',
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'yesterday' },
    });
  });

  it('labels its claims so that they can be found, and never with anything of a release', () => {
    expect(templates({ primaryRegion: 'iad' })[0]?.metadata?.labels).toEqual({
      'app.kubernetes.io/name': 'hello',
      'app.kubernetes.io/instance': 'hello',
      'app.kubernetes.io/managed-by': 'airfield',
      'airfield.dev/app': 'hello',
      'airfield.dev/process': 'app',
      'airfield.dev/mount': 'data',
      'airfield.dev/region': 'iad',
    });
    const app = anApp({ mounts: [data] });
    const [workload] = theWorkloads(app);
    const later = { ...workload!, release: { ...aRelease(app, 2), hash: 'other' } };
    expect(statefulSet(later, settings).spec?.volumeClaimTemplates).toEqual(templates());
  });

  it('still has the mounts of the release that it runs, when the spec has them no more', () => {
    const [workload] = theWorkloads(anApp({ mounts: [data] }));
    const today = anApp({ mounts: [{ ...data, name: 'new' }] });
    const set = statefulSet({ ...workload!, app: today }, settings);
    expect(set.spec?.volumeClaimTemplates?.map(({ metadata }) => metadata?.name)).toEqual(['data']);
  });

  it('keeps the claims whatever becomes of it', () => {
    expect(build()?.persistentVolumeClaimRetentionPolicy).toEqual({ whenScaled: 'Retain', whenDeleted: 'Retain' });
  });

  it('lets its machines come and go at the same time, so that broken ones hold up nobody', () => {
    expect(build()?.podManagementPolicy).toBe('Parallel');
  });

  it.each<[string, Partial<AppSpecInput>, number | undefined]>([
    ['one, which needs no word', { count: 3 }, undefined],
    ['a third', { count: 10 }, 3],
    ['a number', { count: 9, deploy: { maxUnavailable: 4 } }, 4],
    ['a number, but never all', { count: 3, deploy: { maxUnavailable: 5 } }, 2],
    ['all, when it is to be immediate', { count: 3, deploy: { strategy: 'immediate' } }, 3],
    ['all of one', { count: 1, deploy: { strategy: 'immediate' } }, undefined],
  ])('replaces %s at once', (_, spec, most) => {
    expect(build(spec)?.updateStrategy?.rollingUpdate?.maxUnavailable).toBe(most);
  });
});
