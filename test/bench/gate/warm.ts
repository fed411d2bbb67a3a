import { pods } from '../../../src/kube/resources.ts';
import { until } from '../../cluster/exec.ts';
import { airfieldImage as image } from '../../e2e/airfield-image.ts';
import { median, printTable } from '../measure/figures.ts';
import type { Bench, BenchPod } from './bench.ts';
import { BenchApp } from './bench-app.ts';
import { cpuSeconds } from './cpu-time.ts';
import { nodeProxy } from './node-proxy.ts';
import { answering, byHand } from './plain-haproxy.ts';
import { wrk } from './wrk.ts';

const rounds = Number(process.env.AIRFIELD_BENCH_ROUNDS ?? 5);
const seconds = 3;
const haproxy = ['sh', '-c', 'printf %s "$CONFIG" > /tmp/haproxy.cfg && exec haproxy -f /tmp/haproxy.cfg'];

interface Target {
  readonly url: string;
  /** Whose time of CPU counts: of all that it may go through. */
  readonly pods: readonly Pick<BenchPod, 'status'>[];
}

interface Measured {
  readonly requests: number;
  readonly perCpuSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** One machine that answers at once, asked directly and through proxies that run beside it, in turns. */
export async function warm(bench: Bench): Promise<void> {
  const concurrency = { type: 'requests', softLimit: 500 };
  const env = { CONFIG: answering(8080) };
  const options = { image, command: haproxy, env, concurrency, modes: ['http'], replicas: 1 } as const;
  const app = await BenchApp.start(bench, 'warm', options);
  const targets = await targetsOf(bench, app);
  const measured = new Map<string, Measured[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, target] of Object.entries(targets)) {
      measured.set(name, [...(measured.get(name) ?? []), await measure(target)]);
    }
  }
  print(measured);
  await app.remove();
}

async function targetsOf(bench: Bench, app: BenchApp): Promise<Record<string, Target>> {
  const [machine] = (await bench.hasMachines(app.name, 1)) as [BenchPod];
  const node = machine.spec.nodeName ?? '';
  const at = `${machine.status.podIP}:8080`;
  const [plain, node24] = await Promise.all([
    beside(bench, node, 'plain', { command: haproxy, env: { CONFIG: byHand(at, 8080) } }),
    beside(bench, node, 'node', { command: ['node', '-e', nodeProxy(at, 8080)] }),
  ]);
  const gates = await bench.gates.pods();
  const gate = gates.find((pod) => pod.node === node);
  const podOf = ({ containers }: (typeof gates)[number]) => ({
    status: { containerStatuses: Object.values(containers).map((containerID) => ({ containerID, ready: true })) },
  });
  const http = ({ status }: Pick<BenchPod, 'status'>) => `http://${status.podIP}:8080/`;
  return {
    'directly to the machine': { url: http(machine), pods: [machine] },
    'plain HAProxy': { url: http(plain), pods: [plain] },
    'the gate': { url: `http://${gate?.address}:${app.gatePort}/`, pods: gate ? [podOf(gate)] : [] },
    'the gates, through the Service': { url: `http://${app.address}/`, pods: gates.map(podOf) },
    'Node.js proxy': { url: http(node24), pods: [node24] },
  };
}

/** A pod on the same node. */
async function beside(
  { client, namespace, pods: informer }: Bench,
  nodeName: string,
  name: string,
  { command, env = {} }: { command: readonly string[]; env?: Readonly<Record<string, string>> },
): Promise<BenchPod> {
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  // As a pod of gates has it: where the CPU is short, it is shared by this.
  const resources = { requests: { cpu: '70m' } };
  const container = { name: 'app', image, command, env: variables, resources };
  // As gates have it: the filter of system calls takes its time from each request.
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const spec = { nodeName, terminationGracePeriodSeconds: 0, containers: [container], securityContext };
  await client.create(pods, { metadata: { namespace, name }, spec });
  const find = async () => {
    const pod = informer.store.list().find(({ metadata }) => metadata.name === name);
    return pod?.status.containerStatuses?.every(({ ready }) => ready) && pod;
  };
  return (await until(`pod ${name}`, find)) as BenchPod;
}

async function measure({ url, pods: measured }: Target): Promise<Measured> {
  const sum = async () => (await Promise.all(measured.map(cpuSeconds))).reduce((total, one) => total + one, 0);
  const before = await sum();
  const { requests } = wrk(url, { connections: 32, seconds });
  const used = (await sum()) - before;
  // One after the other, so that nobody waits for anything but what is measured.
  const { p50, p99 } = wrk(url, { connections: 1, seconds });
  return { requests, perCpuSecond: (requests * seconds) / used, p50, p99 };
}

function print(measured: ReadonlyMap<string, readonly Measured[]>): void {
  const of = (name: string, key: keyof Measured) => median((measured.get(name) ?? []).map((one) => one[key]));
  const [direct, plain] = ['directly to the machine', 'plain HAProxy'];
  const added = (name: string, key: 'p50' | 'p99') => (of(name, key) - of(direct, key)).toFixed(2);
  const rows = [...measured.keys()].map((name) => [
    name,
    of(name, 'requests').toFixed(0),
    `${((100 * of(name, 'requests')) / of(plain, 'requests')).toFixed(0)} %`,
    of(name, 'perCpuSecond').toFixed(0),
    `${((100 * of(name, 'perCpuSecond')) / of(plain, 'perCpuSecond')).toFixed(0)} %`,
    of(name, 'p50').toFixed(2),
    added(name, 'p50'),
    of(name, 'p99').toFixed(2),
    added(name, 'p99'),
  ]);
  const head = ['', 'requests/s', 'of plain', 'per CPU second', 'of plain', 'p50 ms', 'added', 'p99 ms', 'added'];
  printTable(
    `Warm: 32 connections for ${seconds} s, then one for its latency; medians of ${rounds} rounds`,
    head,
    rows,
  );
}
