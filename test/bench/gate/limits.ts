import { get } from 'node:http';
import { connect } from 'node:net';
import type { Bench, BenchPod } from './bench.ts';
import { BenchApp } from './bench-app.ts';
import { printTable } from './figures.ts';

const machines = 2;
const hardLimit = 5;

/** What the program `echo` has counted itself. */
interface Counted {
  readonly requests: { readonly now: number; readonly most: number; readonly total: number };
  readonly connections: { readonly now: number; readonly most: number; readonly total: number };
}

/** What the machines count themselves, while two gates lead more to them than they may have at once. */
export async function limits(bench: Bench): Promise<void> {
  await hard(bench, 'requests', (address) => ask(`http://${address}/?delay=20`));
  await hard(bench, 'connections', talk);
  await soft(bench);
}

async function hard(bench: Bench, type: keyof Counted, one: (address: string) => Promise<unknown>): Promise<void> {
  const name = `limit-${type}`;
  const app = await BenchApp.start(bench, name, { concurrency: { type, hardLimit }, replicas: machines });
  await forget(bench, name);
  // Far more at once than there is room for, again and again.
  const clients = Array.from({ length: 60 }, async () => {
    for (let index = 0; index < 50; index++) await one(app.address);
  });
  const failed = (await Promise.allSettled(clients)).filter(({ status }) => status === 'rejected').length;
  const counted = await counts(bench, name);
  printTable(
    `hardLimit ${hardLimit} of ${type}: 60 clients, ${machines} machines; ${failed} clients failed`,
    ['', 'most at once', 'in all'],
    counted.map((count, index) => [`machine ${index + 1}`, `${count[type].most}`, `${count[type].total}`]),
  );
  await app.remove();
}

async function soft(bench: Bench): Promise<void> {
  const concurrency = { type: 'requests', softLimit: 5 };
  const app = await BenchApp.start(bench, 'limit-soft', { concurrency, replicas: 3 });
  const rows: string[][] = [];
  for (const together of [6, 15, 30]) {
    await forget(bench, 'limit-soft');
    await Promise.all(Array.from({ length: together }, () => ask(`http://${app.address}/?delay=1500`)));
    const most = (await counts(bench, 'limit-soft')).map(({ requests }) => `${requests.most}`);
    rows.push([`${together} requests at once`, ...most]);
  }
  printTable('softLimit 5 of requests: most at once, counted by 3 machines', ['', '1', '2', '3'], rows);
  await app.remove();
}

const onMachines = (bench: Bench, name: string, path: string) =>
  Promise.all(bench.podsOf(name).map(({ status }: BenchPod) => ask(`http://${status.podIP}:9000${path}`)));

const forget = (bench: Bench, name: string) => onMachines(bench, name, '/forget');

const counts = async (bench: Bench, name: string) =>
  (await onMachines(bench, name, '/')).map((text): Counted => JSON.parse(text));

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
