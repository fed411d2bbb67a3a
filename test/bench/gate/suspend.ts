import { suspendPod } from '../../../src/suspend/pods.ts';
import { until } from '../../cluster/exec.ts';
import { now, printTable, spread, spreadHead } from '../measure/figures.ts';
import type { Bench, BenchPod } from './bench.ts';
import { BenchApp } from './bench-app.ts';
import { firstByte, portOf } from './first-byte.ts';

const times = Number(process.env.AIRFIELD_BENCH_RESUMPTIONS ?? 20);
/** Of a `shared-cpu-1x`. */
const resources = { requests: { cpu: '63m' }, limits: { cpu: '1' } };

/** One machine is suspended and resumed again and again; what it takes when it is warm is measured after each. */
export async function suspend(bench: Bench): Promise<void> {
  const app = await BenchApp.start(bench, 'suspend', { resources, modes: ['http'], replicas: 1 });
  const taken = { resumed: [] as number[], warm: [] as number[], whole: [] as number[] };
  for (let round = 0; round < times; round++) {
    await isSuspended(bench, app);
    const from = now();
    taken.resumed.push((await answered(app)) - from);
    await hasLimit(bench, app, resources.limits.cpu);
    taken.whole.push(now() - from);
    await gatesSay(bench, app, false);
    const again = now();
    taken.warm.push((await answered(app)) - again);
  }
  printTable(
    `Suspended: one machine, ${times} resumptions`,
    ['', ...spreadHead],
    [
      ['first byte after suspension', ...spread(taken.resumed)],
      ['first byte of a machine that serves', ...spread(taken.warm)],
      ['until the kubelet says that it has its CPU back', ...spread(taken.whole)],
    ],
  );
  await app.remove();
}

/** On a connection of its own, through the Service. */
const answered = async ({ address }: BenchApp) => (await firstByte('http', address, portOf('http', 'service'))).at;

/** As the operator does it. */
async function isSuspended(bench: Bench, app: BenchApp): Promise<void> {
  const [pod] = (await bench.hasMachines(app.name, 1)) as [BenchPod];
  const { name, namespace = '', uid = '' } = pod.metadata;
  const how = { since: new Date(), signal: AbortSignal.timeout(60_000) };
  await suspendPod(bench.client, { name, namespace, uid }, pod as unknown as Parameters<typeof suspendPod>[2], how);
  await hasLimit(bench, app, '100m');
  await gatesSay(bench, app, true);
}

async function hasLimit(bench: Bench, { name }: BenchApp, cpu: string): Promise<void> {
  const has = async () => {
    const [pod] = bench.podsOf(name);
    return pod?.status.containerStatuses?.[0]?.resources?.limits?.cpu === cpu;
  };
  await until(`the kubelet to say ${cpu}`, has, 60_000, 5);
}

/** Whether its machine gets something new. */
async function gatesSay(bench: Bench, { name }: BenchApp, leaving: boolean): Promise<void> {
  const say = async () =>
    (await bench.told(name)).flat().every(({ machines }) => machines.every((one) => one.leaving === leaving));
  await until('the gates to know it', say, 60_000, 20);
}
