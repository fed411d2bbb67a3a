import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { disruptionBudget } from '../../src/desired/disruption-budget.ts';
import { machineJob } from '../../src/desired/job.ts';
import { workloadsOf } from '../../src/desired/workloads.ts';
import { anApp, aRelease, aWorkload, settings, theWorkloads } from './app-fixture.ts';

type Spec = Partial<AppSpecInput>;

const job = (spec: Spec) => machineJob(aWorkload(spec), settings);
const kinds = (spec: Spec) => theWorkloads(anApp(spec)).map(({ group, kind }) => `${group.name} ${kind}`);
const service = { internalPort: 8080 };

describe('a group is made of', () => {
  it.each<[string, Spec, string[]]>([
    ['a Job where its machines may end', { restart: { policy: 'no' } }, ['app Job']],
    ['a Job where only failed machines come back', { restart: { policy: 'onFailure' } }, ['app Job']],
    ['a Deployment where they always come back', { restart: { policy: 'always' } }, ['app Deployment']],
    [
      'a Deployment where a service leads to it',
      { restart: { policy: 'no' }, services: [service] },
      ['app Deployment'],
    ],
    [
      'a StatefulSet where it has a volume',
      { restart: { policy: 'no' }, mounts: [{ name: 'data', destination: '/data' }] },
      ['app StatefulSet'],
    ],
    [
      'what its own policy says, whatever that of the App',
      {
        restart: { policy: 'no' },
        processes: [{ name: 'app', restart: { policy: 'always' } }, { name: 'once' }],
      },
      ['app Deployment', 'once Job'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(kinds(spec)).toEqual(expected);
  });
});

describe('the Job of machines that may end', () => {
  it('has an index for each machine', () => {
    expect(job({ restart: { policy: 'no' }, count: 3 })?.spec).toMatchObject({
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 3,
      template: { spec: { restartPolicy: 'Never' } },
    });
  });

  it.each<[string, Spec['restart'], number]>([
    ['never', { policy: 'no' }, 0],
    ['never, whatever the retries', { policy: 'no', retries: 5 }, 0],
    ['ten times, as on Fly', { policy: 'onFailure' }, 10],
    ['as often as it says', { policy: 'onFailure', retries: 2 }, 2],
    ['never with no retries', { policy: 'onFailure', retries: 0 }, 0],
  ])('starts a failed machine again %s', (_, restart, expected) => {
    expect(job({ restart: restart! })?.spec?.backoffLimitPerIndex).toBe(expected);
  });

  it('is not there where there should be no machine', () => {
    expect(job({ restart: { policy: 'no' }, count: 0 })).toBeUndefined();
  });

  it('is another one for each release, and for each slot and region', () => {
    const app = anApp({
      processes: [{ name: 'once', restart: { policy: 'no' }, regions: [{ name: 'iad', count: 1 }] }],
    });
    const names = [1, 2].flatMap((version) =>
      (['blue', 'green'] as const).flatMap((slot) =>
        workloadsOf(app, { release: aRelease(app, version), slot, role: 'machines' }).map(({ name }) => name),
      ),
    );
    expect(new Set(names).size).toBe(4);
    expect(names[0]).toMatch(/^hello-once-iad-r1-[0-9a-f]{8}$/);
  });

  it('is not tried before a release, because its work would be done twice', () => {
    const app = anApp({ processes: [{ name: 'app' }, { name: 'once', restart: { policy: 'no' } }] });
    const canaries = workloadsOf(app, { release: aRelease(app), slot: 'blue', role: 'canary' });
    expect(canaries.map(({ group }) => group.name)).toEqual(['app']);
  });

  it('has no PodDisruptionBudget', () => {
    expect(disruptionBudget(aWorkload({ restart: { policy: 'no' }, count: 3 }))).toBeUndefined();
  });
});
