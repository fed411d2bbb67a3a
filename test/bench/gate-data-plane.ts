/**
 * `node test/bench/gate-data-plane.ts [cold] [warm] [many]`: what a gate costs. Cold: time from a machine's port being open
 * to the first byte of the request that has waited for it. Warm: requests per second beside a plain HAProxy
 * that sets the same headers, and beside the machine itself, which is a HAProxy, too, that answers at once. Many: a
 * configuration of 1,000 routes. Needs haproxy, and wrk for `warm`. Only tells; fails for no figure.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, get } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Route, routeSchema } from '../../src/api/route.ts';
import { haproxyConfig } from '../../src/gate/config.ts';
import { DataPlane } from '../../src/gate/data-plane.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { paths } from '../../src/gate/settings.ts';
import { answering, byHand } from './gate/plain-haproxy.ts';
import { wrk } from './gate/wrk.ts';

const directory = mkdtempSync(join(tmpdir(), 'gate-bench-'));
const settings = { directory, region: 'fra', addresses: ['127.0.0.1'] };
const children: ChildProcess[] = [];
const chosen = process.argv.slice(2);
const isChosen = (part: string) => chosen.length === 0 || chosen.includes(part);

type PortRoute = Route & { readonly listenPort: number };

let onWake = () => {};
const plane = new DataPlane(settings, { onWake: () => onWake(), onProblem: (problem) => console.error(problem) });
try {
  await plane.start([]);

  if (isChosen('cold')) for (const mode of ['http', 'tcp'] as const) await cold(mode, 200);
  // On the port of those that are woken before.
  machine();
  if (isChosen('warm')) await warm(5);
  if (isChosen('many')) await many(1000);
} finally {
  await plane.stop(500);
  for (const child of children) child.kill();
  rmSync(directory, { recursive: true });
}

function route(fields: object): PortRoute {
  const needed = { namespace: 'acme', app: 'web', port: 80, mode: 'http', listenPort: 27_001, internalPort: 27_002 };
  return routeSchema.parse({ ...needed, ...fields }) as PortRoute;
}

async function cold(mode: 'http' | 'tcp', count: number): Promise<void> {
  const web = route({ mode });
  await plane.setRoutes([web]);
  const times: number[] = [];
  for (let index = 0; index < count; index++) times.push(await wake(web, index));
  console.log(`cold ${mode}: ${spread(times)} ms from the open port to the first byte (${count} wakes)`);
}

/** One wake: the machine is named when it is asked for, and listens at some moment after that. */
async function wake(web: PortRoute, index: number): Promise<number> {
  const server =
    web.mode === 'http'
      ? createHttpServer((_, response) => response.end('hi'))
      : createServer((socket) => socket.on('error', () => {}).end('hi'));
  let open = 0;
  onWake = () => {
    plane.setMachines(routeName(web), [{ name: `m-${index}`, address: '127.0.0.1', ready: true, leaving: false }]);
    setTimeout(() => server.listen(web.internalPort, '127.0.0.1', () => (open = performance.now())), 50 + (index % 50));
  };
  const first = await firstByte(web);
  plane.setMachines(routeName(web), []);
  while ((await plane.load()).machines.length > 0) await sleep(1);
  await new Promise((resolve) => server.close(resolve));
  return first - open;
}

function firstByte({ mode, listenPort }: PortRoute): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const now = () => resolve(performance.now());
  if (mode === 'http')
    get({ port: listenPort, agent: false }, (response) => now() ?? response.resume()).on('error', reject);
  else connect(listenPort).once('data', now).on('error', reject);
  return promise;
}

async function warm(rounds: number): Promise<void> {
  const limited = { concurrency: { type: 'requests', hardLimit: 500 } };
  const [web, strict] = [
    route({ app: 'warm', ...limited }),
    route({ app: 'strict', listenPort: 27_003, concurrency: { hardLimit: 500 } }),
  ];
  await plane.setRoutes([web, strict]);
  haproxy('plain', byHand(`127.0.0.1:${web.internalPort}`, 27_004));
  const here = { name: 'm-1', address: '127.0.0.1', ready: true, leaving: false };
  for (const one of [web, strict]) plane.setMachines(routeName(one), [here]);
  await sleep(500);
  const targets = {
    machine: web.internalPort,
    plain: 27_004,
    gate: web.listenPort,
    'gate, limit of connections': strict.listenPort,
  };
  const rates = new Map<string, number[]>();
  // In turns, so that all have the same share of what else the computer does.
  for (let round = 0; round < rounds; round++) {
    for (const [name, port] of Object.entries(targets)) rates.set(name, [...(rates.get(name) ?? []), load(port)]);
  }
  const plain = median(rates.get('plain') ?? []);
  for (const [name, all] of rates)
    console.log(`warm, ${name}: ${median(all)} requests/s, ${ratio(median(all), plain)} of plain HAProxy`);
}

function machine(): void {
  haproxy('machine', answering(27_002));
}

function load(port: number): number {
  return Math.round(wrk(`http://127.0.0.1:${port}/`, { connections: 32, seconds: 3 }).requests);
}

function haproxy(name: string, config: string): void {
  const file = join(directory, `${name}.cfg`);
  writeFileSync(file, config);
  children.push(spawn('haproxy', ['-f', file], { stdio: 'ignore' }));
}

async function many(count: number): Promise<void> {
  const routes = Array.from({ length: count }, (_, index) =>
    route({ app: `app-${index}`, listenPort: 28_000 + index }),
  );
  const servers = () => [{ name: 'm-1', address: '127.0.0.1', leaving: false }];
  const began = performance.now();
  const { text } = haproxyConfig(settings, { routes, servers, certificates: [], selfSigned: () => '' });
  const size = text(1).length;
  console.log(
    `many: ${count} routes with a machine each are ${Math.round(size / 1024)} kB, made in ${since(began)} ms`,
  );
  const file = paths(settings).nextConfig;
  writeFileSync(file, text(1));
  const checked = performance.now();
  spawnSync('haproxy', ['-c', '-q', '-f', file]);
  console.log(`many: haproxy -c takes ${since(checked)} ms`);
  for (const title of ['the first', 'another']) {
    await sleep(1000);
    const asked = performance.now();
    await plane.setRoutes(title === 'another' ? routes.slice(1) : routes);
    console.log(
      `many: ${title} load takes ${since(asked)} ms, checked and served; ${memory()} MB in all processes of HAProxy`,
    );
  }
  const machines = performance.now();
  for (const one of routes)
    plane.setMachines(routeName(one), [{ name: 'm-1', address: '127.0.0.1', ready: true, leaving: false }]);
  while ((await plane.load()).machines.length < count - 1) await sleep(10);
  console.log(`many: ${count} machines come in ${since(machines)} ms`);
  const asked = performance.now();
  await plane.load();
  console.log(`many: the load of all takes ${since(asked)} ms to read`);
}

function memory(): number {
  const { stdout } = spawnSync('pgrep', ['-f', directory], { encoding: 'utf8' });
  const status = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/status`, 'utf8');
    } catch {
      return '';
    }
  };
  const sizes = stdout
    .trim()
    .split('\n')
    .map(status)
    .filter((text) => text.startsWith('Name:\thaproxy'));
  return Math.round(sizes.reduce((sum, text) => sum + Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0), 0) / 1024);
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `median ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, most ${at(1)}`;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}

function ratio(one: number, other: number): string {
  return `${((100 * one) / other).toFixed(0)} %`;
}

function since(began: number): string {
  return (performance.now() - began).toFixed(0);
}
