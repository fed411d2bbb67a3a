import { get } from 'node:http';
import { connect } from 'node:net';
import { printTable } from '../measure/figures.ts';
import type { Bench, BenchPod } from './bench.ts';
import { BenchApp } from './bench-app.ts';

const machines = 2;
const hardLimit = 5;
const clients = 60;
/** How often each of them asks. */
const times = 50;

/** What the program `echo` has counted itself. */
interface Counted {
  readonly requests: { readonly now: number; readonly most: number; readonly total: number };
  readonly connections: { readonly now: number; readonly most: number; readonly total: number };
}

/** What the machines count themselves, while two gates lead more to them than they may have at once. */
export async function limits(bench: Bench): Promise<void> {
  const types = ['requests', 'connections'] as const;
  const start = (type: keyof Counted) =>
    BenchApp.start(bench, `limit-${type}`, { concurrency: { type, hardLimit }, replicas: machines });
  const strict = await Promise.all(types.map(start));
  const lenient = await BenchApp.start(bench, 'limit-soft', {
    concurrency: { type: 'requests', softLimit: 5 },
    replicas: 3,
  });
  await bench.reloadsAreDone();
  const rows: string[][] = [];
  for (const [index, type] of types.entries()) rows.push(...(await hard(bench, strict[index] as BenchApp, type)));
  for (const [index, type] of types.entries()) {
    const reloading = reloads(bench, type);
    for (const row of await hard(bench, strict[index] as BenchApp, type))
      rows.push([`${row[0]}, while gates reload`, ...row.slice(1)]);
    await reloading;
  }
  printTable(`hardLimit ${hardLimit}: ${clients} clients, two gates`, ['', 'most at once', 'in all'], rows);
  await soft(bench, lenient);
  for (const app of [...strict, lenient]) await app.remove();
}

/** Far more at once than there is room for, again and again. */
async function hard(bench: Bench, app: BenchApp, type: keyof Counted): Promise<string[][]> {
  const one = type === 'requests' ? () => ask(`http://${app.address}/?delay=20`) : () => talk(app.address);
  await forget(bench, app);
  const all = Array.from({ length: clients }, async () => {
    for (let index = 0; index < times; index++) await one();
  });
  const failed = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected').length;
  if (failed > 0) console.log(`  ${failed} clients failed`);
  const counted = await counts(bench, app);
  return counted.map((count, index) => [
    `${type}, machine ${index + 1}`,
    `${count[type].most}`,
    `${count[type].total}`,
  ]);
}

/** Another App comes and goes. */
async function reloads(bench: Bench, type: string): Promise<void> {
  for (let index = 0; index < 3; index++) await (await BenchApp.start(bench, `limit-other-${type}-${index}`)).remove();
}

async function soft(bench: Bench, app: BenchApp): Promise<void> {
  const rows: string[][] = [];
  for (const together of [6, 15, 30]) {
    await forget(bench, app);
    await Promise.all(Array.from({ length: together }, () => ask(`http://${app.address}/?delay=1500`)));
    rows.push([
      `${together} requests at once`,
      ...(await counts(bench, app)).map(({ requests }) => `${requests.most}`),
    ]);
  }
  printTable('softLimit 5 of requests: most at once, counted by 3 machines', ['', '1', '2', '3'], rows);
}

const onMachines = (bench: Bench, { name }: BenchApp, path: string) =>
  Promise.all(bench.podsOf(name).map(({ status }: BenchPod) => ask(`http://${status.podIP}:9000${path}`)));

const forget = (bench: Bench, app: BenchApp) => onMachines(bench, app, '/forget');

const counts = async (bench: Bench, app: BenchApp) =>
  (await onMachines(bench, app, '/')).map((text): Counted => JSON.parse(text));

/** On a connection of its own. */
function ask(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(url, { agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    response.on('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(body))));
  }).on('error', reject);
  return promise;
}

/** Greeted, and then a moment. */
function talk(address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: address, port: 25 });
  socket.once('data', () => setTimeout(() => socket.end('QUIT\r\n'), 20));
  socket.on('error', reject).on('close', () => resolve());
  return promise;
}
