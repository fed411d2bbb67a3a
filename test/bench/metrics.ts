/**
 * `npm run bench -- metrics [1000]`: what it costs to be asked for metrics. Operator: of so many Apps, how long it takes
 * and how large the answer is. Gate: the same of so many routes, and the CPU time of HAProxy for a request while somebody
 * asks every second, beside that while nobody does. Needs haproxy and wrk. Only tells; fails for no figure.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Route, routeSchema } from '../../src/api/route.ts';
import type { Caches } from '../../src/controller/caches.ts';
import { objectMetrics } from '../../src/controller/object-metrics.ts';
import { exposition } from '../../src/exposition.ts';
import { DataPlane } from '../../src/gate/data-plane.ts';
import { routeMetrics } from '../../src/gate/route-metrics.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { Store } from '../../src/kube/store.ts';
import { answering } from './gate/plain-haproxy.ts';

const [count = 1000] = process.argv.slice(2).map(Number);
const seconds = 4;
const directory = mkdtempSync(join(tmpdir(), 'metrics-bench-'));
const children: ChildProcess[] = [];

const ofObjects = objects();
await tell('operator', async () => exposition(ofObjects()));
const plane = new DataPlane(
  { directory, region: 'fra', addresses: ['127.0.0.1'], maxConnections: 1000 },
  { onWake: () => {}, onProblem: console.error },
);
try {
  const routes = Array.from({ length: count }, (_, index) => route(index));
  await plane.start(routes);
  writeFileSync(join(directory, 'machine.cfg'), answering(27_000));
  children.push(spawn('haproxy', ['-f', join(directory, 'machine.cfg')], { stdio: 'ignore' }));
  for (const one of routes)
    plane.setMachines(routeName(one), [{ name: 'm-1', address: '127.0.0.1', ready: true, leaving: false }]);
  while ((await plane.load()).machines.length < count) await sleep(50);
  await tell('gate', scrape);
  await compare();
} finally {
  await plane.stop(500);
  for (const child of children) child.kill();
  rmSync(directory, { recursive: true });
}

function route(index: number): Route {
  const fields = { namespace: 'acme', app: `app-${index}`, listenPort: 20_000 + index, port: 80, internalPort: 27_000 };
  return routeSchema.parse({ ...fields, mode: 'http' });
}

async function scrape(): Promise<string> {
  const [load, traffic] = await Promise.all([plane.load(), plane.traffic()]);
  return exposition(
    routeMetrics({ held: new Map(), load, traffic, loads: 1, isRunning: true, routes: count, problems: 0 }),
  );
}

async function tell(who: string, text: () => Promise<string>): Promise<void> {
  const times: number[] = [];
  for (let turn = 0; turn < 20; turn++) {
    const began = performance.now();
    await text();
    times.push(performance.now() - began);
  }
  const size = Buffer.byteLength(await text());
  console.log(`${who}, ${count}: ${median(times).toFixed(0)} ms in the median, ${(size / 1e6).toFixed(2)} MB`);
}

/** In turns, as the machine may be busy with other work. */
async function compare(): Promise<void> {
  const costs: Record<'asked' | 'alone', number[]> = { asked: [], alone: [] };
  for (let turn = 0; turn < 6; turn++)
    for (const way of ['alone', 'asked'] as const) costs[way].push(await cost(way === 'asked'));
  const [alone, asked] = [median(costs.alone), median(costs.asked)];
  console.log(
    `a request takes HAProxy ${alone.toFixed(1)} µs of CPU, ${asked.toFixed(1)} µs while it is asked every second`,
  );
}

async function cost(isAsked: boolean): Promise<number> {
  const before = { cpu: cpuMicroseconds(), requests: await requests() };
  const wrk = spawn('wrk', ['-t1', '-c32', `-d${seconds}s`, 'http://127.0.0.1:20000/'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve, reject) => void wrk.once('exit', () => resolve()).once('error', reject));
  for (let second = 0; isAsked && second < seconds; second++) {
    await scrape();
    await sleep(1000);
  }
  await ended;
  return (cpuMicroseconds() - before.cpu) / ((await requests()) - before.requests);
}

async function requests(): Promise<number> {
  return (await plane.traffic()).reduce((sum, { traffic }) => sum + traffic['2xx'], 0);
}

/** Of the gate's HAProxy, all of it: clock ticks are 10 ms (proc(5)). */
function cpuMicroseconds(): number {
  const pids = readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`).includes(`${directory}/haproxy.cfg`),
  );
  const ticks = pids.map((pid) => read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? []);
  return ticks.reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0) * 10_000;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}

/** So many Apps with two groups, three pods each, and for every fifth a Schedule and a volume. */
function objects() {
  const label = (app: string, more: object = {}) => ({ 'airfield.dev/app': app, ...more });
  const informer = (all: object[], indexes = {}) => {
    const store = new Store<never>({ indexes });
    for (const one of all) store.set(one as never);
    return { store, onChange: () => () => {} };
  };
  const at = (name: string, labels = {}) => ({ name, namespace: 'acme', uid: name, resourceVersion: '1', labels });
  const names = Array.from({ length: count }, (_, index) => `app-${index}`);
  const fifth = names.filter((_, index) => index % 5 === 0);
  const time = '2026-01-01T00:00:00Z';
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Running' }];
  const group = (name: string, ready: number) => ({ name, desired: ready, ready, stopped: 0 });
  const release = { version: 3, phase: 'complete', finishedAt: time };
  const status = { conditions, release, processes: [group('app', 2), group('worker', 1)] };
  const caches = {
    apps: informer(names.map((name) => ({ metadata: at(name), status }))),
    machines: informer([]),
    jobs: informer([]),
    schedules: informer(
      fifth.map((app) => ({
        metadata: at(`s-${app}`),
        spec: { app },
        status: { conditions, lastSuccess: time, nextRun: time },
      })),
    ),
    claims: informer(
      fifth.map((app) => ({
        metadata: at(`data-${app}`, label(app, { 'airfield.dev/mount': 'data' })),
        status: { capacity: { storage: '1Gi' } },
      })),
    ),
    pods: informer(
      names.flatMap((app) =>
        ['app', 'app', 'worker'].map((process, index) => ({
          metadata: at(`${app}-${index}`, label(app, { 'airfield.dev/process': process })),
        })),
      ),
      {
        app: ({ metadata }: { metadata: { labels: Record<string, string> } }) => [
          `acme/${metadata.labels['airfield.dev/app']}`,
        ],
      },
    ),
  };
  return objectMetrics(caches as unknown as Caches, new Map());
}
