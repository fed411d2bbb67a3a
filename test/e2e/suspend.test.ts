import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import { suspendedAnnotation } from '../../src/api/meta.ts';
import { app } from './apps.ts';
import { Gates } from './gates.ts';
import { Namespace, until } from './kubectl.ts';
import { machinesOf } from './machines.ts';
import { OperatorProcess } from './operator.ts';

let namespace: Namespace;
let gates: Gates;
let operator: OperatorProcess;

beforeAll(async () => {
  namespace = await Namespace.create('suspend');
  gates = await Gates.start({ env: { AIRFIELD_GATE_NAMESPACE: namespace.name } });
  const env = {
    AIRFIELD_GATES_NAMESPACE: gates.namespace,
    AIRFIELD_GATES_TOKEN: gates.token,
    AIRFIELD_STOP_AFTER: '1s',
  };
  operator = await OperatorProcess.startInside(namespace, { env });
  const container = { name: 'client', image: 'airfield.local/echo:1', command: ['sleep', '86400'] };
  await namespace.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client' },
    spec: { terminationGracePeriodSeconds: 1, containers: [container] },
  });
  await namespace.wait('condition=Ready', 'pod/client');
});
afterAll(async () => {
  await Promise.all([namespace?.delete(), gates?.stop()]);
  await operator?.stop();
});

interface Pod {
  metadata: { uid: string; annotations?: Record<string, string> };
  spec: { containers: { resources: Resources }[] };
  status: { qosClass: string; containerStatuses: { restartCount: number; resources?: Resources }[] };
}
interface Resources {
  requests?: { cpu?: string };
  limits?: { cpu?: string };
}

/** Node.js in a pod. */
const run = (pod: string, program: string) => namespace.kubectl(['exec', pod, '--', 'node', '-e', program]);

/** The limit that the kernel keeps the first container of a pod to, in CPUs. */
async function kernelLimit(pod: string): Promise<number> {
  const program = `
    const { existsSync, readFileSync } = require('node:fs');
    const folder = '/sys/fs/cgroup/';
    const read = (name) => readFileSync(folder + name, 'utf8').trim();
    const [quota, period] = existsSync(folder + 'cpu.max')
      ? read('cpu.max').split(' ')
      : [read('cpu/cpu.cfs_quota_us'), read('cpu/cpu.cfs_period_us')];
    console.log(quota / period);`;
  return Number(await run(pod, program));
}

/** An App whose machine is suspended without work, and what its pod is. */
class Sleeper {
  readonly name: string;
  readonly pod: string;

  private constructor(name: string, pod: string) {
    this.name = name;
    this.pod = pod;
  }

  static async create(name: string, spec: Partial<AppSpecInput>): Promise<Sleeper> {
    const services = [{ internalPort: 8080, ports: [{ port: 80, handlers: ['http' as const] }], autoStop: 'suspend' }];
    await namespace.apply(app(name, { image: 'airfield.local/echo:1', count: 1, services, ...spec } as AppSpecInput));
    await namespace.waitReady(name);
    const [machine] = await machinesOf(namespace, name);
    return new Sleeper(name, machine?.name ?? '');
  }

  get(): Promise<Pod> {
    return namespace.get<Pod>('pod', this.pod);
  }

  /** What the kubelet says that its container has: `1m/100m`. */
  async cpu(): Promise<string> {
    const { status } = await this.get();
    const { requests, limits } = status.containerStatuses[0]?.resources ?? {};
    return `${requests?.cpu}/${limits?.cpu}`;
  }

  async isSuspended(): Promise<boolean> {
    return (await this.get()).metadata.annotations?.[suspendedAnnotation] !== undefined;
  }

  async status(): Promise<AppStatus> {
    return (await namespace.get<{ status: AppStatus }>('app', this.name)).status;
  }

  async replicas(): Promise<number> {
    return (await namespace.get<{ spec: { replicas: number } }>('deployment', `${this.name}-app`)).spec.replicas;
  }

  /** Asks again and again as long as `meanwhile` takes, and gives back who answered last. */
  async whileAsked(meanwhile: () => Promise<unknown>): Promise<string> {
    const flag = `/tmp/${this.name}-is-over`;
    const open = run(
      'client',
      `(async () => {
         const { existsSync } = require('node:fs');
         let answer;
         // Nobody has asked before: kube-proxy may not have heard of it.
         const isNew = ({ cause }) => { if (answer || cause?.code !== 'ECONNREFUSED') throw cause; };
         const ask = () => fetch('http://${this.name}/?delay=300').then((got) => got.json());
         while (!existsSync('${flag}')) answer = (await ask().catch(isNew)) ?? answer;
         console.log(answer.machine);
       })();`,
    );
    try {
      await meanwhile();
    } finally {
      await namespace.kubectl(['exec', 'client', '--', 'touch', flag]);
    }
    return (await open).trim();
  }
}

describe.each<[string, Partial<AppSpecInput>, full: string, small: string, qosClass: string]>([
  [
    'shared',
    { processes: [{ name: 'app', vm: { size: 'shared-cpu-1x', memory: '128Mi' } }] },
    '63m/1',
    '1m/100m',
    'Burstable',
  ],
  [
    'whole',
    { processes: [{ name: 'app', vm: { size: 'performance-1x', memory: '128Mi' } }] },
    '1/1',
    '100m/100m',
    'Guaranteed',
  ],
])('a machine of size %s', (name, spec, full, small, qosClass) => {
  let sleeper: Sleeper;
  let before: Pod;

  it('has its CPU taken away while nothing is to be done', { concurrent: false }, async () => {
    sleeper = await Sleeper.create(name, spec);
    before = await sleeper.get();
    expect(before.status.qosClass).toBe(qosClass);
    await until('the kubelet to have taken it', async () => (await sleeper.cpu()) === small);
    expect(await kernelLimit(sleeper.pod)).toBeCloseTo(0.1);
    expect(await sleeper.replicas()).toBe(1);
    const told = await until('the App to say so', async () => {
      const { processes, conditions } = await sleeper.status();
      const ready = conditions?.find(({ type }) => type === 'Ready');
      return processes?.[0]?.suspended === 1 && ready;
    });
    expect(told).toMatchObject({ status: 'True', reason: 'Idle', message: expect.stringContaining('is suspended') });
  });

  it('answers a request, and has its CPU back', { concurrent: false }, async () => {
    const machine = await sleeper.whileAsked(async () => {
      await until('the kubelet to have given it back', async () => (await sleeper.cpu()) === full);
      await until('it to be told', async () => !(await sleeper.isSuspended()));
      expect(await kernelLimit(sleeper.pod)).toBeCloseTo(1);
    });
    expect(machine).toBe(sleeper.pod);
  });

  it('is the same as before, and is suspended again', { concurrent: false }, async () => {
    await until('the kubelet to have taken it', async () => (await sleeper.cpu()) === small);
    const { metadata, status } = await sleeper.get();
    expect([metadata.uid, status.qosClass]).toEqual([before.metadata.uid, qosClass]);
    expect(status.containerStatuses.map(({ restartCount }) => restartCount)).toEqual([0]);
    const events = await until('the Events', async () => {
      const output = await namespace.kubectl(['get', 'events', '-o', 'json']);
      const { items } = JSON.parse(output) as { items: { reason: string; involvedObject: { name: string } }[] };
      const reasons = new Set(items.filter((one) => one.involvedObject.name === name).map(({ reason }) => reason));
      return reasons.has('Suspended') && reasons.has('Resumed') && reasons;
    });
    expect([...(events || [])]).not.toContain('NotSuspended');
  });

  it('runs again at once where the App does not ask for it any more', { concurrent: false }, async () => {
    const patch = JSON.stringify([{ op: 'replace', path: '/spec/services/0/autoStop', value: 'off' }]);
    await namespace.kubectl(['patch', 'app', name, '--type=json', '-p', patch]);
    await until('the kubelet to have given it back', async () => (await sleeper.cpu()) === full);
    await until('it to be told', async () => !(await sleeper.isSuspended()));
    expect((await sleeper.get()).metadata.uid).toBe(before.metadata.uid);
  });
});
