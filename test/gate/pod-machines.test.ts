import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/api/kubernetes.ts';
import { routeSchema } from '../../src/api/route.ts';
import { machineChildren } from '../../src/desired/machine.ts';
import { isExpected, machinesOf, mayStay, slimPod } from '../../src/gate/pod-machines.ts';
import { anApp, childrenOf, settings } from '../desired/app-fixture.ts';
import { aMachine, launched, ofApp } from '../desired/machine-fixture.ts';

const route = (machines: object = {}) =>
  routeSchema.parse({
    namespace: 'acme',
    app: 'web',
    listenPort: 20_000,
    port: 80,
    internalPort: 8080,
    mode: 'http',
    machines,
  });

interface Pod {
  metadata?: object;
  labels?: Record<string, string>;
  env?: { name: string; value?: string; valueFrom?: object }[];
  status?: object;
}

const running = { name: 'app', state: { running: { startedAt: '2026-01-01T00:00:00Z' } } };

const pod = (name: string, { metadata = {}, labels = {}, env = [], status = {} }: Pod = {}) =>
  slimPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'acme',
      labels: { 'airfield.dev/app': 'web', 'airfield.dev/process': 'app', 'airfield.dev/slot': 'blue', ...labels },
      ...metadata,
    },
    spec: { containers: [{ name: 'beside' }, { name: 'app', env }] },
    status: { phase: 'Running', podIP: '10.0.0.1', containerStatuses: [{ name: 'beside' }, running], ...status },
  } as unknown as Parameters<typeof slimPod>[0]);

const none = { isDrained: () => false, isResuming: () => false };
const names = (machines: object, ...pods: ReturnType<typeof pod>[]) =>
  machinesOf(route(machines), pods, none).map(({ name }) => name);

describe('the machines of a route', () => {
  it('are the pods of its App', () => {
    const inFrankfurt = pod('web-1', { labels: { 'airfield.dev/region': 'fra' } });
    expect(machinesOf(route(), [inFrankfurt], none)).toEqual([
      { name: 'web-1', address: '10.0.0.1', region: 'fra', ready: true, leaving: false },
    ]);
    expect(names({}, pod('other', { labels: { 'airfield.dev/app': 'db' } }))).toEqual([]);
    expect(names({}, pod('elsewhere', { metadata: { namespace: 'other' } }))).toEqual([]);
  });

  it('are those that have its labels', () => {
    const green = pod('green', { labels: { 'airfield.dev/slot': 'green' } });
    const worker = pod('worker', { labels: { 'airfield.dev/process': 'worker' } });
    const machine = pod('machine', { labels: { 'airfield.dev/machine': 'one', 'airfield.dev/slot': '' } });
    const all = [pod('blue'), green, worker, machine];
    expect(names({}, ...all)).toEqual(['blue', 'green', 'worker', 'machine']);
    expect(names({ slot: 'blue' }, ...all)).toEqual(['blue', 'worker']);
    expect(names({ slot: 'blue', processes: ['app', 'x'] }, ...all)).toEqual(['blue']);
    expect(names({ machine: 'one' }, ...all)).toEqual(['machine']);
    expect(names({ machine: 'two' }, ...all)).toEqual([]);
  });

  it('are never what runs for a release or for a Schedule', () => {
    const command = pod('command', { labels: { 'airfield.dev/role': 'release-command' } });
    const run = pod('run', { labels: { 'airfield.dev/schedule': 'nightly' } });
    expect(names({}, command, run)).toEqual([]);
    expect(isExpected(route(), [command, run], none)).toBe(false);
  });

  it('may be dialled as soon as their program runs and they have an address', () => {
    const starting = pod('web-1', { status: { containerStatuses: [{ name: 'app', state: { waiting: {} } }] } });
    expect(machinesOf(route(), [starting], none)).toMatchObject([{ ready: false }]);
    expect(isExpected(route(), [starting], none)).toBe(true);
    const placed = pod('web-1', { status: { podIP: undefined, containerStatuses: undefined } });
    expect(names({}, placed)).toEqual([]);
    expect(isExpected(route(), [placed], none)).toBe(true);
  });

  describe('and the checks of their pod', () => {
    const [before, start, after] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'];
    const seen = (name: string, ready: string, since: string, more: Pod = {}) =>
      pod(name, {
        ...more,
        status: {
          containerStatuses: [{ name: 'app', state: { running: { startedAt: start } } }],
          conditions: [{ type: 'Ready', status: ready, lastTransitionTime: since }],
        },
      });
    const ready = (name = 'ready') => seen(name, 'True', after);
    const starting = (name = 'starting') => seen(name, 'False', before);
    const failing = (name = 'failing') => seen(name, 'False', after);
    const exec = { ...seen('exec', 'False', before), readiness: 'withheld' } as const;
    const crashed = pod('crashed', {
      status: {
        containerStatuses: [{ name: 'app', state: { waiting: {} } }],
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: before }],
      },
    });

    it.each([
      ['one that passes', [ready()], ['ready']],
      ['one that starts', [starting()], ['starting']],
      ['one that has started in the second in which the pod was made', [seen('new', 'False', start)], ['new']],
      ['one of which nothing is known but that it runs', [pod('new')], ['new']],
      ['one that has passed and does so no more', [failing()], []],
      ['one that only the kubelet can ask', [exec], []],
      ['one whose program has ended', [crashed], []],
      ['all that start, where none passes', [starting('a'), starting('b'), failing(), exec], ['a', 'b']],
      ['only those that pass, where there are some', [starting(), ready('a'), failing(), ready('b')], ['a', 'b']],
      ['those that start, where one passes whose program has ended', [crashed, starting()], ['starting']],
    ])('lets through %s', (_, pods, expected) => {
      const machines = machinesOf(route(), pods, none);
      expect(machines.filter((one) => one.ready).map(({ name }) => name)).toEqual(expected);
      expect(machines).toHaveLength(pods.length);
      expect(isExpected(route(), pods, none)).toBe(true);
    });

    it('lets those through that start, where those that pass leave or are drained', () => {
      const leaving = seen('leaving', 'True', after, { metadata: { annotations: { 'airfield.dev/leaving': '' } } });
      for (const [pods, known] of [
        [[leaving, starting()], none],
        [[ready(), starting()], { ...none, isDrained: (id: string) => id === 'ready' }],
      ] as const) {
        expect(machinesOf(route(), pods, known)).toMatchObject([
          { ready: true, leaving: true },
          { name: 'starting', ready: true, leaving: false },
        ]);
      }
    });

    it('knows nothing of those of other routes', () => {
      const other = seen('other', 'True', after, { labels: { 'airfield.dev/process': 'worker' } });
      expect(machinesOf(route({ processes: ['app'] }), [other, starting()], none)).toMatchObject([{ ready: true }]);
    });

    it.each([
      ['exec', { exec: { command: ['true'] } }, 'False', 'withheld'],
      ['exec', { exec: { command: ['true'] } }, 'True', 'ready'],
      ['a port', { tcpSocket: { port: 80 } }, 'False', 'starting'],
    ])('are read: %s of the program, Ready %#', (_, readinessProbe, status, readiness) => {
      const conditions = [{ type: 'Ready', status, lastTransitionTime: before }];
      const probed = slimPod({
        metadata: { name: 'web-1', labels: { 'airfield.dev/process': 'app' } },
        spec: {
          containers: [
            { name: 'beside', readinessProbe: { exec: {} } },
            { name: 'app', readinessProbe },
          ],
        },
        status: { containerStatuses: [running], conditions },
      } as unknown as Parameters<typeof slimPod>[0]);
      expect(probed.readiness).toBe(readiness);
    });
  });

  it.each(['Succeeded', 'Failed'])('are gone when their pod is %s', (phase) => {
    const ended = pod('web-1', { status: { phase } });
    expect(names({}, ended)).toEqual([]);
    expect(isExpected(route(), [ended], none)).toBe(false);
  });

  it('leave when they are deleted, when they are told to, and while they are drained', () => {
    const deleted = pod('deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const told = pod('told', { metadata: { annotations: { 'airfield.dev/leaving': '' } } });
    const leaving = machinesOf(route(), [deleted, told, pod('drained')], {
      ...none,
      isDrained: (id) => id === 'drained',
    });
    expect(leaving.map((machine) => machine.leaving)).toEqual([true, true, true]);
    expect(isExpected(route(), [deleted, told], none)).toBe(false);
    expect([mayStay(route(), [deleted], none), mayStay(route(), [deleted, told], none)]).toEqual([false, true]);
    expect([
      mayStay(route(), [pod('a')], none),
      mayStay(route(), [pod('a')], { ...none, isDrained: () => true }),
    ]).toEqual([false, true]);
  });

  it('of a Machine have its id, and of two pods of it the one that stays is meant', () => {
    const env = [{ name: 'FLY_MACHINE_ID', value: '3d8d9e' }];
    const metadata = { deletionTimestamp: '2026-01-01T00:00:09Z', creationTimestamp: '2026-01-01T00:00:05Z' };
    const before = pod('m-1', { env, metadata, status: { podIP: '10.0.0.1' } });
    const after = pod('m-2', {
      env,
      metadata: { creationTimestamp: '2026-01-01T00:00:04Z' },
      status: { podIP: '10.0.0.2' },
    });
    for (const pods of [
      [before, after],
      [after, before],
    ]) {
      expect(machinesOf(route(), pods, none)).toEqual([
        { name: '3d8d9e', address: '10.0.0.2', ready: true, leaving: false },
      ]);
    }
    expect(machinesOf(route(), [before], none)).toMatchObject([{ name: '3d8d9e', leaving: true }]);
  });
});

describe('what the operator makes', () => {
  const isDeployment = (child: { kind: string }): child is Deployment => child.kind === 'Deployment';

  /** The pod of the first Deployment among these, as Kubernetes would make it. */
  function podOf(children: readonly { kind: string }[], name: string) {
    const template = children.find(isDeployment)?.spec?.template;
    const metadata = { ...template?.metadata, name, namespace: 'acme' };
    const program = { name: template?.spec?.containers[0]?.name, state: { running: {} } };
    const status = { phase: 'Running', podIP: '10.0.0.1', containerStatuses: [program] };
    return slimPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template?.spec, status } as never);
  }

  it('is found: the machine of an App by the name of its pod', () => {
    const made = podOf(childrenOf(anApp({}, 'web')), 'web-app-1');
    expect(names({ slot: 'blue', processes: ['app'] }, made)).toEqual(['web-app-1']);
    expect(made.isRunning).toBe(true);
  });

  it('is found: a Machine by its id', () => {
    const of = ofApp(launched(aMachine({ app: 'web', metadata: { fly_process_group: 'worker' } })), anApp({}, 'web'));
    const made = podOf(machineChildren(of, { pods: [], workloads: [] }, settings), 'one-1');
    expect(names({ machine: 'one' }, made)).toEqual([of.machine.status.id]);
    expect([made.isRunning, names({ slot: 'blue' }, made)]).toEqual([true, []]);
  });
});
