/**
 * `npm run bench -- gate-many [1000] [200]`: many Apps that sleep, on a real API server, with the bundles of the operator
 * and of a gate, and a real HAProxy: how long until all are led to the gate, what the gate needs to serve them beside
 * HAProxy alone with the same configuration, and how often it loads one while so many more come at once. Needs haproxy.
 * Only tells; fails for no figure.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { routesAnnotation } from '../../src/api/meta.ts';
import { apps } from '../../src/controller/resources.ts';
import { paths } from '../../src/gate/settings.ts';
import { type Addressed, type Client, connect } from '../../src/kube/client.ts';
import { services } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { serveOwnKinds } from '../api-server/own-kinds.ts';
import { startApiServer } from '../cluster/api-server.ts';
import { until } from '../cluster/exec.ts';
import { onStderr } from '../cluster/progress.ts';
import { app } from '../e2e/apps.ts';
import { ensureHaproxy } from '../gate/haproxy-installed.ts';

const [count = 1000, burst = 200] = process.argv.slice(2).map(Number);
const dist = join(import.meta.dirname, '..', '..', 'dist');
const directory = mkdtempSync(join(tmpdir(), 'gate-many-'));
const ports = '20000-29999';
const children: ChildProcess[] = [];

await ensureHaproxy();
const server = await startApiServer({ progress: onStderr });
try {
  const client = await connect({ kubeConfigPath: server.kubeconfig });
  await serveOwnKinds(client);
  await until('the CRD', () => write(client, 0));
  await writeAll(client, 1, count);
  await lead(client);
  const gate = await serve();
  await addOne(client, gate);
  await addMany(client, gate);
  client.close();
} finally {
  for (const child of children) child.kill();
  await Promise.all(children.map((child) => child.exitCode ?? new Promise((ended) => child.once('exit', ended))));
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}

function write(client: Client, index: number): Promise<unknown> {
  const services = [
    { internalPort: 8080, autoStop: 'stop' as const, ports: [{ port: 80, handlers: ['http' as const] }] },
  ];
  const object = app(`app-${index}`, { image: 'example.com/web:1', services }) as Addressed;
  const metadata = { ...object.metadata, namespace: 'default' };
  return client.apply(apps, { ...object, metadata }, { fieldManager: 'bench' });
}

/** Sixteen at a time. */
async function writeAll(client: Client, from: number, to: number): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) await write(client, next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function lead(client: Client): Promise<void> {
  const began = performance.now();
  start('operator.js', {
    AIRFIELD_PORT: '0',
    AIRFIELD_GATES_NAMESPACE: 'default',
    AIRFIELD_GATES_PORTS: ports,
    AIRFIELD_LEASE_NAMESPACE: 'default',
  });
  const led = async () => {
    const { items } = await client.list<KubeObject>(services, {});
    return items.filter(({ metadata }) => metadata.annotations?.[routesAnnotation]).length >= count;
  };
  await until('all Services', led, 300_000, 500);
  console.log(`${count} Apps lead to the gate ${since(began)} s after the operator's start`);
}

interface Gate {
  readonly metric: (name: string) => Promise<number>;
}

async function serve(): Promise<Gate> {
  const began = performance.now();
  const gate = start('gate.js', {
    AIRFIELD_GATE_HOST: '127.0.0.1',
    AIRFIELD_GATE_PORT: '0',
    AIRFIELD_GATE_ADDRESSES: '127.0.0.1',
    AIRFIELD_GATE_DIRECTORY: directory,
    AIRFIELD_GATE_PORTS: ports,
    AIRFIELD_GATE_MAX_CONNECTIONS: '2000',
    AIRFIELD_GATE_DRAIN: '0s',
  });
  const port = await portOf(gate);
  const metric = async (name: string) => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  };
  const took = since(began);
  const file = paths({ directory }).config;
  const checked = performance.now();
  spawnSync('haproxy', ['-c', '-q', '-f', file]);
  const [alone, size] = [since(checked), Math.round(statSync(file).size / 1024)];
  console.log(`a gate serves ${await metric('airfield_gate_routes')} routes ${took} s after its start
  configuration   ${size} kB; \`haproxy -c\` of it alone takes ${alone} s
  memory          gate ${residentMiB([gate.pid ?? 0])} MiB, HAProxy ${residentMiB(haproxies())} MiB`);
  return { metric };
}

async function addOne(client: Client, { metric }: Gate): Promise<void> {
  await sleep(3000);
  const began = performance.now();
  const loads = await metric('airfield_gate_reloads_total');
  await write(client, count);
  await until('it', async () => (await metric('airfield_gate_routes')) > count, 60_000, 10);
  await until('the load', async () => (await metric('airfield_gate_reloads_total')) > loads, 60_000, 10);
  console.log(
    `one more App is served ${since(began)} s after it was written; configurations loaded: ${(await metric('airfield_gate_reloads_total')) - loads}`,
  );
}

async function addMany(client: Client, { metric }: Gate): Promise<void> {
  await sleep(3000);
  const before = await metric('airfield_gate_reloads_total');
  const loadedAt: number[] = [];
  const began = performance.now();
  const written = writeAll(client, count + 1, count + 1 + burst).then(() => since(began));
  let loads = before;
  const isDone = async () => {
    const now = await metric('airfield_gate_reloads_total');
    if (now > loads) loadedAt.push(...Array.from({ length: now - loads }, () => performance.now()));
    loads = now;
    return (
      (await metric('airfield_gate_routes')) >= count + 1 + burst &&
      performance.now() - (loadedAt.at(-1) ?? Infinity) > 3000
    );
  };
  await until('all of the burst', isDone, 120_000, 20);
  const gaps = loadedAt.slice(1).map((at, index) => at - (loadedAt[index] ?? 0));
  console.log(`${burst} more at once, written in ${await written} s: the last one is served ${(((loadedAt.at(-1) ?? 0) - began) / 1000).toFixed(1)} s after the first was written
  configurations  ${loads - before} loaded, the closest two ${(Math.min(...gaps) / 1000).toFixed(2)} s apart
  memory          HAProxy ${residentMiB(haproxies())} MiB in ${haproxies().length} processes`);
}

function start(bundle: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['--max-semi-space-size=1', join(dist, bundle)], {
    env: { ...process.env, NODE_ENV: 'production', KUBECONFIG: server.kubeconfig, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

function portOf({ stdout }: ChildProcess): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  stdout?.on('data', (data) => {
    for (const line of `${data}`.split('\n')) if (line.includes('"serves"')) resolve(JSON.parse(line).port);
  });
  return promise;
}

/** The processes of HAProxy of this benchmark. */
function haproxies(): number[] {
  const { stdout } = spawnSync('pgrep', ['-f', `haproxy.*${directory}`], { encoding: 'utf8' });
  return stdout.trim().split('\n').filter(Boolean).map(Number);
}

function residentMiB(pids: readonly number[]): number {
  const kibibytes = pids.map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  });
  return Math.round(kibibytes.reduce((sum, one) => sum + one, 0) / 1024);
}

function since(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(2);
}
