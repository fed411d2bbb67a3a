import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { machinesInTheWay } from '../../src/desired/machines-in-the-way.ts';
import { anApp, aRelease, theWorkloads } from './app-fixture.ts';

const mounts = ['data', 'more-data'].map((name) => ({ name, destination: `/${name}` }));

/** What release 2 runs. */
function workload(deploy: AppSpecInput['deploy'] = {}) {
  const app = anApp({ mounts, deploy });
  const [first] = theWorkloads(app);
  return { ...first!, release: aRelease(app, 2) };
}

interface Look {
  readonly ready?: boolean;
  readonly leaving?: boolean;
  readonly volumes?: string[];
  readonly of?: string;
}

const both = ['data', 'more--data'];

function pod(number: number, release: number, look: Look = {}): ObservedPod {
  const { ready = true, leaving = false, volumes = both, of = 'hello-app' } = look;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${of}-${number}`,
      labels: { 'airfield.dev/workload': of, 'airfield.dev/release': `${release}` },
      ...(leaving && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: { containers: [], volumes: volumes.map((name) => ({ name })) },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

const found = (pods: ObservedPod[], deploy?: AppSpecInput['deploy']) =>
  machinesInTheWay(workload(deploy), pods).map(({ metadata }) => metadata.name);
const broken = { ready: false };

describe('broken machines in the way of a release', () => {
  it.each<[string, ObservedPod[], string[]]>([
    ['are those of another release', [pod(0, 1), pod(1, 1, broken), pod(2, 2)], ['hello-app-1']],
    ['are those of a later one, when it is taken back', [pod(0, 1), pod(1, 3, broken)], ['hello-app-1']],
    ['are none while a machine of this release is on its way', [pod(0, 1, broken), pod(1, 2, broken)], []],
    ['are none while another one leaves', [pod(0, 1, broken), pod(1, 1, { leaving: true })], []],
    ['are never those of another workload', [pod(0, 1, { ...broken, of: 'hello-other' })], []],
  ])('%s', (_, pods, names) => {
    expect(found(pods)).toEqual(names);
  });
});

describe('machines without a volume that they should have', () => {
  const old = { volumes: ['data'] };

  it.each<[string, ObservedPod[], string[]]>([
    [
      'go one after the other, from the lowest number',
      [pod(2, 1, old), pod(1, 1, old), pod(0, 1, old)],
      ['hello-app-0'],
    ],
    ['go when those below are well', [pod(0, 2), pod(1, 1, old)], ['hello-app-1']],
    ['go though they are broken', [pod(0, 1, { ...old, ...broken })], ['hello-app-0']],
    ['stay while one below starts', [pod(0, 2, broken), pod(1, 1, old)], []],
    ['stay while one below is not there yet', [pod(1, 1, old)], []],
    ['stay while one below leaves', [pod(0, 1, { ...old, leaving: true }), pod(1, 1, old)], []],
    ['are none where nothing is missing', [pod(0, 1), pod(1, 1)], []],
  ])('%s', (_, pods, names) => {
    expect(found(pods)).toEqual(names);
  });

  it('go all at once when the release is to be immediate', () => {
    expect(found([pod(0, 1, old), pod(1, 1, old)], { strategy: 'immediate' })).toEqual(['hello-app-0', 'hello-app-1']);
  });
});
