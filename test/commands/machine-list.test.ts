import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { machineStatusSchema } from '../../src/api/machine-status.ts';
import { choosable, whyNone } from '../../src/commands/choose-machine.ts';
import { gitOpsOf } from '../../src/commands/gitops.ts';
import { listMachines } from '../../src/commands/machine-list.ts';

const pod = (
  name: string,
  { labels = {}, ready = true, ...more }: Record<string, unknown> & { labels?: object } = {},
) =>
  ({
    metadata: { name, labels: { 'airfield.dev/process': 'app', ...labels }, ...(more.metadata as object) },
    spec: { containers: [{ name: 'app', image: 'x:1' }] },
    status: {
      phase: more.phase ?? 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'app', ready, restartCount: 0, state: { running: {} } }],
    },
  }) as unknown as ObservedPod;
const machine = (name: string, state: 'started' | 'stopped') => ({
  metadata: { name },
  spec: {},
  status: machineStatusSchema.parse({ state, restarts: 2 }),
});
const own = pod('worker-1-abc', { labels: { 'airfield.dev/machine': 'worker-1' } });

describe('the machines of an App', () => {
  it('are its pods, and its Machines under their own names', () => {
    const list = listMachines(
      [pod('web-app-a'), own],
      [machine('worker-1', 'started'), machine('worker-2', 'stopped')],
    );
    expect(list.map(({ name, kind, state, pod }) => [name, kind, state, pod])).toEqual([
      ['web-app-a', 'pod', 'started', 'web-app-a'],
      ['worker-1', 'Machine', 'started', 'worker-1-abc'],
      ['worker-2', 'Machine', 'stopped', undefined],
    ]);
    expect(list[1]?.restarts).toBe(2);
  });

  it.each([
    ['starting', { phase: 'Pending' }],
    ['failed', { phase: 'Failed' }],
    ['stopped', { phase: 'Succeeded' }],
    ['stopping', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    ['suspended', { metadata: { annotations: { 'airfield.dev/suspended': '{}' } } }],
  ])('are %s, in the words of Fly', (state, more) => {
    expect(listMachines([pod('web-app-a', more)])[0]?.state).toBe(state);
  });
});

describe('a machine to connect to', () => {
  const list = listMachines(
    [pod('web-app-a', { ready: false }), pod('web-app-b'), own],
    [machine('worker-1', 'started')],
  );

  it('is one that is ready, and of the App itself where there is one', () => {
    expect(choosable(list, {}).map(({ name }) => name)).toEqual(['web-app-b', 'worker-1', 'web-app-a']);
  });

  it('is the one that is named, by its own name or by that of its pod', () => {
    expect(choosable(list, { machine: 'worker-1' }).map(({ pod }) => pod)).toEqual(['worker-1-abc']);
    expect(choosable(list, { machine: 'worker-1-abc' })).toHaveLength(1);
  });

  it('is none, which names those that are there', () => {
    expect(choosable(list, { machine: 'nope' })).toEqual([]);
    expect(whyNone('web', list, { machine: 'nope' })).toBe(
      'web has no machine nope; it has web-app-a, web-app-b, worker-1',
    );
  });
});

describe('who keeps an App', () => {
  const kept = (metadata: object) =>
    gitOpsOf({ apiVersion: '', kind: 'App', metadata: { name: 'web', ...metadata } })?.source;

  it.each([
    ['Application shop', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:airfield.dev/App:acme/web' } }],
    ['Application shop', { labels: { 'argocd.argoproj.io/instance': 'shop' } }],
    ['Kustomization flux-system/apps', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }],
    [
      'HelmRelease acme/web',
      { labels: { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'acme' } },
    ],
    ['an Application', { managedFields: [{ manager: 'argocd-controller' }] }],
    ['release web', { annotations: { 'meta.helm.sh/release-name': 'web' } }],
    [undefined, { managedFields: [{ manager: 'kubectl' }] }],
  ])('is %s', (source, metadata) => {
    expect(kept(metadata)).toBe(source);
  });
});
