/**
 * `npm run bench`: what the operator's bundle costs with 100 Apps on a real API server: time until it sees the cluster,
 * memory, requests. Times stand beside a floor measured in the same run: `node -e 0`. Only tells; fails for no figure.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crds } from '../../src/api/crds.ts';
import { apps } from '../../src/controller/resources.ts';
import { type Addressed, type Client, connect } from '../../src/kube/client.ts';
import { customResourceDefinitions, deployments } from '../../src/kube/resources.ts';
import { startApiServer } from '../cluster/api-server.ts';
import { until } from '../cluster/exec.ts';
import { onStderr } from '../cluster/progress.ts';
import { helloApp } from '../e2e/apps.ts';

const count = Number(process.argv[2] ?? 100);
const bundle = join(import.meta.dirname, '..', '..', 'dist', 'operator.js');

const server = await startApiServer({ progress: onStderr });
try {
  const client = await connect({ kubeConfigPath: server.kubeconfig });
  await makeApps(client);
  const floor = median(Array.from({ length: 7 }, () => timeOf(() => spawnSync(process.execPath, ['-e', '0']))));
  await measure('first start, everything to be made', floor, async () => {
    await until('all Deployments', async () => (await client.list(deployments, {})).items.length >= count, 120_000);
  });
  await measure('start with nothing changed', floor, async () => undefined);
  client.close();
} finally {
  await server.stop();
}

async function makeApps(client: Client): Promise<void> {
  for (const crd of crds()) await client.apply(customResourceDefinitions, crd as Addressed, { fieldManager: 'bench' });
  const app = (index: number) => {
    const object = helloApp(`app-${index}`) as Addressed;
    return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
  };
  await until('the CRD', async () => client.apply(apps, app(0), { fieldManager: 'bench' }));
  for (let index = 1; index < count; index++) await client.apply(apps, app(index), { fieldManager: 'bench' });
}

async function measure(title: string, floor: number, settle: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  // As docs/operator.md says to start it.
  const operator = spawn(process.execPath, ['--max-semi-space-size=1', bundle], {
    env: {
      ...process.env,
      KUBECONFIG: server.kubeconfig,
      NODE_ENV: 'production',
      AIRFIELD_PORT: '0',
      AIRFIELD_LEASE_NAME: `bench-${began}`.replace('.', '-'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await portOf(operator.stdout);
  const ready = performance.now() - began;
  await settle();
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const metrics = await until('the queue to be empty', async () => {
    const text = await scrape();
    return sum(
      text,
      /^controller_runtime_reconcile_total\{controller="app",result="(?:success|requeue_after)"\} (\d+)/gm,
    ) >= count && /workqueue_depth\{name="app"\} 0/.test(text)
      ? text
      : undefined;
  });
  console.log(`${title} (${count} Apps)
  sees the cluster after  ${ready.toFixed(0)} ms, ${(ready / floor).toFixed(1)} times \`node -e 0\` (${floor.toFixed(0)} ms)
  resident memory         ${await residentMiB(operator.pid ?? 0)} MiB
  writes to children      ${sum(metrics ?? '', /^airfield_child_writes_total\{.*\} (\d+)/gm)}
  requests in all         ${sum(metrics ?? '', /^rest_client_requests_total\{.*\} (\d+)/gm)}`);
  operator.kill();
  await new Promise((resolve) => operator.once('exit', resolve));
}

function portOf(output: NodeJS.ReadableStream): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  output.on('data', (data) => {
    const [, port] = /"port":(\d+)/.exec(String(data)) ?? [];
    if (port) resolve(Number(port));
  });
  return promise;
}

async function residentMiB(pid: number): Promise<number> {
  const [, kibibytes = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kibibytes) / 1024);
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
}

function timeOf(task: () => unknown): number {
  const began = performance.now();
  task();
  return performance.now() - began;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
