import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recorded, startApiServer, stopAll } from '../api-server.ts';
import { ensureBinaries } from '../binaries.ts';
import { authorityFile, readTokens } from '../credentials.ts';
import { isAlive } from '../daemon.ts';
import { type Endpoint, get } from '../get.ts';
import { withLock } from '../lock.ts';
import { clusterDir, kubeconfigPath } from '../paths.ts';
import type { Progress } from '../progress.ts';
import type { Provider, Status, UpOptions } from '../provider.ts';
import { clusterBinaries, storageBinaries, versionOf } from '../sources.ts';
import { boot } from './boot.ts';
import { removeCgroup } from './cgroups.ts';
import { pathsOf } from './components.ts';
import { nodesReady } from './health.ts';
import { loadInto } from './images.ts';
import { attach, stopMachine } from './machine.ts';
import { ensurePackages } from './packages.ts';
import { maxNodes, planNodes } from './plan.ts';
import { Session } from './session.ts';
import { readState, type State, writeState } from './state.ts';

/** Why an embedded cluster cannot run here, or undefined. */
export function whyNotEmbedded(): string | undefined {
  if (process.platform !== 'linux') return 'the embedded cluster needs Linux';
  if (process.getuid?.() !== 0) return 'the embedded cluster needs root';
  return undefined;
}

/** Kubernetes as processes of this machine, in namespaces of their own. */
export function embeddedProvider(name: string): Provider {
  const locked = <T>(work: () => Promise<T>, progress: Progress) =>
    withLock(`cluster-${name}`, work, () => progress.note(`waiting for another process that works on ${name}`));
  return {
    kind: 'embedded',
    up: (options, progress) => locked(() => up(name, options, progress), progress),
    down: (progress) => locked(() => down(name, progress), progress),
    status: () => status(name),
    async kubeconfig() {
      if (!existsSync(kubeconfigPath(name))) throw new Error(`cluster ${name} is not running: npm run cluster -- up`);
      return kubeconfigPath(name);
    },
    async loadImage(image, progress) {
      const state = await readState(name);
      for (const plan of planNodes(name, state?.nodes ?? 0)) {
        const machine = await attach(plan);
        if (!machine) throw new Error(`cluster ${name} is not running: npm run cluster -- up`);
        const title = `${image.name ?? image.path} on ${plan.name}`;
        if (!(await progress.step(title, () => loadInto(machine, image)))) progress.note('it was there already');
      }
    },
  };
}

async function up(name: string, options: UpOptions, progress: Progress): Promise<void> {
  const before = await readState(name);
  if (before && isAsAsked(before, options) && (await healthy(name, before))) return;
  if (before) progress.note(`cluster ${name} is not as asked for, or not healthy: starting anew`);
  await remove(name);
  try {
    await uninterrupted(options.apiOnly ? upApiOnly(name, progress) : upNodes(name, options, progress));
  } catch (error) {
    await removeProcesses(name);
    throw error;
  }
}

async function upNodes(name: string, { nodes, csi = false }: UpOptions, progress: Progress): Promise<void> {
  if (nodes > maxNodes) throw new Error(`--nodes: at most ${maxNodes}`);
  if (csi && !existsSync('/dev/loop-control')) throw new Error('--csi: this machine has no loop devices');
  await ensurePackages(csi, progress);
  const programs = await ensureBinaries(clusterBinaries, progress);
  const storage = csi ? await ensureBinaries(storageBinaries, progress) : undefined;
  await boot(new Session(name, nodes, programs, storage, progress));
}

/** Makes an interruption (Ctrl-C) a failure like any other, so that what was started is ended. */
async function uninterrupted<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const interrupt = () => reject(new Error('interrupted'));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    return await Promise.race([work, promise]);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

const isAsAsked = (state: State, { nodes, apiOnly, csi }: UpOptions): boolean =>
  state.apiOnly === apiOnly && (apiOnly || (state.nodes >= nodes && (state.csi || !csi)));

async function upApiOnly(name: string, progress: Progress): Promise<void> {
  const server = await startApiServer({ dir: clusterDir(name), auditLog: true, progress });
  const port = Number(new URL(server.url).port);
  await writeState(name, { nodes: 0, apiOnly: true, csi: false, port, ready: true, daemons: server.daemons });
}

async function down(name: string, progress: Progress): Promise<void> {
  await progress.step(`cluster ${name} is down`, () => remove(name));
}

async function remove(name: string): Promise<void> {
  await removeProcesses(name);
  await rm(clusterDir(name), { recursive: true, force: true });
}

/** Ends every process of the cluster. Its folder stays, with the logs. */
async function removeProcesses(name: string): Promise<void> {
  for (const { dir, cgroup } of process.platform === 'linux' ? planNodes(name, maxNodes) : []) {
    await stopMachine(dir);
    await removeCgroup(cgroup);
  }
  await stopAll(await recorded(clusterDir(name)));
  await stopAll((await readState(name))?.daemons ?? []);
}

async function endpointOf(name: string, { port, apiOnly }: State): Promise<Endpoint> {
  const { pki } = pathsOf(name);
  const [ca, tokens] = await Promise.all([readFile(authorityFile(pki), 'utf8'), readTokens(pki)]);
  return { url: `https://${apiOnly ? '127.0.0.1' : 'localhost'}:${port}`, ca, token: tokens.admin! };
}

async function healthy(name: string, state: State): Promise<boolean> {
  if (!state.ready) return false;
  for (const daemon of state.daemons) if (!(await isAlive(daemon))) return false;
  const endpoint = await endpointOf(name, state);
  const { status } = await get(endpoint, '/readyz');
  return status === 200 && (state.apiOnly || (await nodesReady(endpoint, state.nodes)));
}

async function status(name: string): Promise<Status> {
  const state = await readState(name);
  if (!state) return { running: false, lines: [`cluster ${name} is not running: npm run cluster -- up`] };
  const endpoint = await endpointOf(name, state).catch(() => undefined);
  const components = await Promise.all(
    state.daemons.map(
      async (daemon) =>
        `  ${daemon.name.padEnd(40)} ${(await isAlive(daemon)) ? 'running' : `ended, see ${daemon.log}`}`,
    ),
  );
  const running = endpoint !== undefined && (await healthy(name, state));
  return {
    running,
    lines: [
      `cluster ${name}: embedded, ${state.apiOnly ? 'API only' : `${state.nodes} node(s)`}, ${running ? 'healthy' : 'not healthy: npm run cluster -- up'}`,
      `Kubernetes ${versionOf('kubelet')}, etcd ${versionOf('etcd')}, CoreDNS ${versionOf('coredns')}${state.csi ? ', storage class airfield-csi' : ''}`,
      `API ${endpoint?.url ?? '(none)'}`,
      ...components,
      `kubectl: ${join(await ensureBinaries(['kubectl']).then(({ kubectl }) => kubectl))} --kubeconfig ${kubeconfigPath(name)} get pods -A`,
    ],
  };
}
