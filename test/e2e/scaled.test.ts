import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import { helloApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

/** Machines that stop without work, where nobody but these tests starts and stops them: no gate runs. */
let operator: OperatorProcess;
let namespace: Namespace;

const env = () => ({ AIRFIELD_GATES_NAMESPACE: namespace.name });

beforeAll(async () => {
  namespace = await Namespace.create('scaled');
  operator = await OperatorProcess.startIn(namespace, { env: env() });
});
afterAll(async () => {
  await namespace?.delete();
  await operator?.stop();
});

interface Workload {
  metadata: { uid: string; generation: number; resourceVersion: string };
  spec: { replicas: number; template: { metadata: { labels: Record<string, string> } } };
}

interface Pod {
  metadata: { labels: Record<string, string> };
}

const service = {
  internalPort: 8080,
  ports: [{ port: 80 }],
  autoStop: 'stop' as const,
  checks: [{ type: 'http' as const, path: '/health', interval: '2s', timeout: '1s' }],
};
const volume = { name: 'data', destination: '/data', size: '320Mi', storageClassName: 'airfield-csi' };

/** An App and its one workload. */
class SleepyApp {
  readonly name: string;
  readonly workload: string;
  #spec: Partial<AppSpecInput>;

  constructor(name: string, kind: 'deployment' | 'statefulset', spec: Partial<AppSpecInput> = {}) {
    this.name = name;
    this.workload = `${kind}/${name}-app`;
    const mounts = kind === 'statefulset' ? [volume] : [];
    this.#spec = { services: [service], count: 2, mounts, ...spec };
  }

  async edit(change: Partial<AppSpecInput> = {}): Promise<void> {
    this.#spec = { ...this.#spec, ...change };
    await namespace.apply(helloApp(this.name, this.#spec));
    const { metadata } = await namespace.get<{ metadata: { generation: number } }>('app', this.name);
    await until('the edit to be seen', async () => (await this.status()).observedGeneration === metadata.generation);
  }

  async status(): Promise<AppStatus> {
    return (await namespace.get<{ status: AppStatus }>('app', this.name)).status;
  }

  /** What its Ready says, with the time since which it does. */
  async ready() {
    return (await this.status()).conditions?.find(({ type }) => type === 'Ready');
  }

  says(status: string, reason: string): Promise<unknown> {
    return until(`${this.name} to be ${status} ${reason}`, async () => {
      const ready = await this.ready();
      return ready?.status === status && ready.reason === reason;
    });
  }

  reaches(version: number, phase: string): Promise<unknown> {
    return until(`release ${version} to be ${phase}`, async () => {
      const { release } = await this.status();
      return release?.version === version && release.phase === phase;
    });
  }

  /** As a gate or the autoscaler does it. */
  async scale(replicas: number): Promise<void> {
    await namespace.kubectl(['scale', this.workload, `--replicas=${replicas}`]);
    if (replicas > 0) return this.runs(replicas);
    await until('the machines to be gone', async () => (await this.pods()).length === 0);
  }

  async runs(machines: number): Promise<void> {
    await until(`${machines} machines of ${this.name}`, async () => {
      const { machines: told } = await this.status();
      return told === `${machines}/${machines}` && (await this.pods()).length === machines;
    });
  }

  async stored(): Promise<Workload> {
    const [kind = '', name = ''] = this.workload.split('/');
    return namespace.get(kind, name);
  }

  async replicas(): Promise<number> {
    return (await this.stored()).spec.replicas;
  }

  /** Releases that its pods are of. */
  async pods(): Promise<string[]> {
    const pods = await namespace.list<Pod>('pods', `airfield.dev/app=${this.name}`);
    return pods.map(({ metadata }) => metadata.labels['airfield.dev/release'] ?? '');
  }
}

describe.concurrent.each([
  ['deployment', 'rolling'],
  ['deployment', 'bluegreen'],
  ['statefulset', 'rolling'],
] as const)('an App that is a %s and goes out %s', (kind, strategy) => {
  const app = new SleepyApp(`${kind}-${strategy}`, kind, { deploy: { strategy } });
  /** Bluegreen has another workload after each release, so these tests look at what the App says. */
  const isBlueGreen = strategy === 'bluegreen';
  const inOrder = { concurrent: false };

  beforeAll(async () => {
    await app.edit();
    await app.reaches(1, 'complete');
  });

  it('begins with one machine, and is Ready without any', inOrder, async () => {
    await app.runs(1);
    const before = await app.ready();
    expect(before).toMatchObject({
      status: 'True',
      reason: 'Running',
      message: expect.stringContaining('1 more is stopped'),
    });
    await app.scale(0);
    await app.says('True', 'Idle');
    expect(await app.status()).toMatchObject({ machines: '0/0', processes: [{ desired: 0, ready: 0, stopped: 2 }] });
    await app.scale(2);
    await app.says('True', 'Running');
    await app.scale(0);
    await app.says('True', 'Idle');
    expect((await app.ready())?.lastTransitionTime).toBe(before?.lastTransitionTime);
  });

  it('gives a release back that does not start, and sleeps on', inOrder, async () => {
    await app.edit({ image: 'airfield.local/nothing:1', deploy: { strategy, waitTimeout: '5s' } });
    await app.reaches(2, 'failed');
    expect(await app.ready()).toMatchObject({ status: 'False', reason: 'ReleaseFailed' });
    await until('the old release to be back', async () => {
      const { spec } = await app.stored();
      return spec.template.metadata.labels['airfield.dev/release'] === '1';
    });
    await app.scale(0);
    await app.edit({ image: 'airfield.local/hello:1', deploy: { strategy } });
    await app.says('True', 'Idle');
    expect([await app.replicas(), await app.pods()]).toEqual([0, []]);
  });

  it('shows with one machine that a release starts', inOrder, async () => {
    await app.edit({ env: { N: '1' } });
    await app.reaches(3, 'complete');
    await app.runs(1);
    expect(await app.pods()).toEqual(['3']);
  });

  it.skipIf(isBlueGreen)(
    'is restarted by hand while it sleeps, with no machine, and by a release with one',
    inOrder,
    async () => {
      await app.scale(0);
      await namespace.kubectl(['rollout', 'restart', app.workload]);
      await app.says('True', 'Idle');
      expect(await app.replicas()).toBe(0);
      await namespace.kubectl(['annotate', 'app', app.name, 'airfield.dev/restarted-at=now']);
      await app.reaches(4, 'complete');
      expect(await app.replicas()).toBe(1);
    },
  );

  it.skipIf(isBlueGreen)(
    'has all its machines while it does not stop, keeps them when it does, and never has more than the count',
    inOrder,
    async () => {
      const { version } = (await app.status()).release ?? {};
      await app.edit({ services: [{ ...service, autoStop: 'off' }] });
      await app.runs(2);
      const all = await app.stored();
      await app.edit({ services: [service] });
      await app.says('True', 'Running');
      expect(await app.stored()).toMatchObject({ spec: { replicas: 2 }, metadata: { uid: all.metadata.uid } });
      await namespace.kubectl(['scale', `app/${app.name}`, '--replicas=1']);
      await app.runs(1);
      expect((await app.status()).release?.version).toBe(version);
    },
  );
});

it.concurrent('a minimum runs, whatever anybody scales it to', async () => {
  const app = new SleepyApp('minimum', 'deployment', { services: [{ ...service, minMachinesRunning: 1 }] });
  await app.edit();
  await app.runs(1);
  await namespace.kubectl(['scale', app.workload, '--replicas=0']);
  await until('its machine', async () => (await app.replicas()) === 1);
  await app.runs(1);
});

it.concurrent('a StatefulSet that has to be made anew keeps its machines', async () => {
  const app = new SleepyApp('anew', 'statefulset', { mounts: [volume] });
  await app.edit();
  await app.runs(1);
  await app.scale(2);
  const machines = () => namespace.names('pods').then((all) => all.filter((name) => name.includes('/anew-app')));
  const uids = async () => namespace.kubectl(['get', ...(await machines()), '-o', 'jsonpath={.items[*].metadata.uid}']);
  const before = [await uids(), (await app.stored()).metadata.uid];
  await app.edit({ mounts: [{ ...volume, size: '400Mi' }] });
  await until('another StatefulSet', async () => (await app.stored()).metadata.uid !== before[1]);
  await app.runs(2);
  expect(await uids()).toBe(before[0]);
});

// Last, as nobody else's Apps can go without an operator.
it('a Deployment and a StatefulSet are not written when the operator starts again', async () => {
  const kept = (['deployment', 'statefulset'] as const).map((kind) => new SleepyApp(`${kind}-kept`, kind));
  for (const app of kept) await app.edit();
  for (const app of kept) await app.runs(1);
  const before = await Promise.all(kept.map((app) => app.stored()));
  await operator.stop();
  operator = await OperatorProcess.startIn(namespace, { env: env() });
  for (const [index, app] of kept.entries()) {
    // The count of what is scaled is in the status alone.
    await app.edit({ count: 3 });
    await until('its new count', async () => (await app.status()).processes?.[0]?.stopped === 2);
    const { generation, uid } = before[index]?.metadata ?? {};
    expect((await app.stored()).metadata, app.name).toMatchObject({ generation, uid });
  }
});
