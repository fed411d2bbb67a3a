import { mkdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { untilReady } from '../api-server.ts';
import { writeAuditPolicy } from '../control-plane.ts';
import { admin, authorityFile, readTokens, testUsers, writeCredentials, writeKubeconfig } from '../credentials.ts';
import { run } from '../exec.ts';
import type { Endpoint } from '../get.ts';
import { kubeconfigPath } from '../paths.ts';
import { createCgroup } from './cgroups.ts';
import * as components from './components.ts';
import { startCsi } from './csi.ts';
import { addonsReady, nodesReady } from './health.ts';
import { loadInto, systemImages } from './images.ts';
import { startMachine } from './machine.ts';
import { connect } from './network.ts';
import { writeNodeFiles } from './node-files.ts';
import type { Session } from './session.ts';
import { logTail } from './state.ts';

const addons = join(import.meta.dirname, 'addons');

/** From nothing to a cluster whose nodes, names, volumes and policies work. */
export async function boot(session: Session): Promise<void> {
  const { step } = session.progress;
  await step('machines and network', () => startMachines(session));
  const endpoint = await step('etcd, kube-apiserver, containerd, system images', async () => {
    await startContainerd(session);
    await Promise.all([startApi(session), loadSystemImages(session)]);
    return writeKubeconfigs(session);
  });
  await step('controllers and nodes', () => startNodes(session, endpoint));
  await step('DNS, storage, network policies', () => startAddons(session, endpoint));
  const { storage } = session;
  if (storage) await step('storage class airfield-csi', () => startCsi(session, storage, endpoint));
  await session.save(true);
}

async function startMachines({ paths, plans, machines, storage }: Session): Promise<void> {
  await mkdir(join(paths.dir, 'logs'), { recursive: true, mode: 0o700 });
  for (const plan of plans) {
    await createCgroup(plan.cgroup);
    machines.push(await startMachine(plan));
  }
  await connect(machines);
  await Promise.all(machines.map((machine) => writeNodeFiles(machine, storage !== undefined)));
}

async function startContainerd(session: Session): Promise<void> {
  for (const machine of session.machines)
    await session.start(machine, 'containerd', components.containerd(machine.plan));
}

async function loadSystemImages(session: Session): Promise<void> {
  const images = await systemImages(session.programs);
  await session.waitFor('containerd to answer', () => session.everywhere(['ctr', 'version']));
  await Promise.all(
    session.machines.map(async (machine) => {
      for (const image of images) await loadInto(machine, image);
    }),
  );
}

async function startApi(session: Session): Promise<void> {
  const { first, paths, plans, programs } = session;
  await writeCredentials(paths.pki, [admin, ...testUsers, ...components.componentUsers(plans)]);
  await writeAuditPolicy(paths.pki);
  await session.start(first, 'etcd', components.etcd(programs, paths));
  const server = await session.start(first, 'kube-apiserver', components.apiServer(programs, paths, first.plan));
  await openPort(session);
  await untilReady(session.url, server, paths.pki);
}

/** Opens the API's port on this host's loopback and hands it to the forwarder in the first machine. */
async function openPort(session: Session): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  session.port = (server.address() as AddressInfo).port;
  const { child, ...daemon } = await session.start(
    session.first,
    'forwarder',
    components.forwarder(session.first.plan),
    true,
  );
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', () => reject(new Error(`the forwarder ended:\n${logTail(daemon)}`)));
    child.send('listen', server);
  });
  child.disconnect();
  server.close();
}

/** One kubeconfig per component inside the machines, and the administrator's outside. */
async function writeKubeconfigs({ name, paths, plans, url }: Session): Promise<Endpoint> {
  const tokens = await readTokens(paths.pki);
  const ca = await readFile(authorityFile(paths.pki), 'utf8');
  const server = `https://${plans[0].ip}:${components.apiPort}`;
  for (const plan of plans) {
    for (const [component, user] of Object.entries(components.usersOf(plan))) {
      const path = components.kubeconfigOf(plan, component);
      await writeKubeconfig(path, { name: component, server, ca, token: tokens[user]! });
    }
  }
  const token = tokens.admin!;
  await writeKubeconfig(kubeconfigPath(name), { name: `airfield-${name}`, server: url, ca, token });
  return { url, ca, token };
}

async function startNodes(session: Session, endpoint: Endpoint): Promise<void> {
  const { first, paths, programs } = session;
  await session.start(first, 'kube-controller-manager', components.controllerManager(programs, paths, first.plan));
  await session.start(first, 'kube-scheduler', components.scheduler(programs, first.plan));
  for (const machine of session.machines) {
    await session.start(machine, 'kubelet', components.kubelet(programs, machine.plan));
    await session.start(machine, 'kube-proxy', components.kubeProxy(programs, machine.plan));
  }
  await session.waitFor('every node to be Ready', () => nodesReady(endpoint, session.plans.length));
}

async function startAddons(session: Session, endpoint: Endpoint): Promise<void> {
  await run(session.programs.kubectl, [
    'apply',
    '--server-side',
    '--kubeconfig',
    kubeconfigPath(session.name),
    '-f',
    addons,
  ]);
  for (const machine of session.machines) {
    await session.start(machine, 'network-policy', components.policyAgent(machine.plan));
  }
  await session.waitFor('DNS and storage to be ready', () => addonsReady(endpoint));
  const table = ['nft', 'list', 'table', 'inet', 'airfield-policy'];
  await session.waitFor('network policies to be applied', () => session.everywhere(table));
}
