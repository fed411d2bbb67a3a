import { mkdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { untilReady } from '../api-server.ts';
import { writeAuditPolicy } from '../control-plane.ts';
import { admin, authorityFile, readTokens, testUsers, writeCredentials, writeKubeconfig } from '../credentials.ts';
import { type Daemon, isAlive } from '../daemon.ts';
import { Fatal, run, until } from '../exec.ts';
import { type Endpoint, get } from '../get.ts';
import { kubeconfigPath } from '../paths.ts';
import type { Progress } from '../progress.ts';
import { createCgroup } from './cgroups.ts';
import * as components from './components.ts';
import { loadInto, systemImages } from './images.ts';
import { inside, type Machine, startInside, startMachine } from './machine.ts';
import { connect } from './network.ts';
import { writeNodeFiles } from './node-files.ts';
import { type NodePlan, planNodes } from './plan.ts';
import { logTail, type State, writeState } from './state.ts';

const addons = join(import.meta.dirname, 'addons');

/** A cluster while it comes up: its machines, and every process started so far. */
export class Boot {
  readonly name: string;
  readonly plans: [NodePlan, ...NodePlan[]];
  readonly programs: components.Programs;
  readonly progress: Progress;
  readonly paths: components.Paths;
  readonly daemons: Daemon[] = [];
  machines: Machine[] = [];
  port = 0;

  constructor(name: string, nodes: number, programs: components.Programs, progress: Progress) {
    this.name = name;
    this.plans = planNodes(name, nodes);
    this.programs = programs;
    this.progress = progress;
    this.paths = components.pathsOf(name);
  }

  async run(): Promise<void> {
    const { step } = this.progress;
    await step('machines and network', () => this.startMachines());
    await step('etcd, kube-apiserver, containerd, system images', async () => {
      await this.startApi();
      await this.startContainerd();
      const ready = untilReady(this.url, this.daemon('kube-apiserver'), this.paths.pki);
      await Promise.all([ready, this.loadSystemImages()]);
      await this.writeKubeconfigs();
    });
    await step('controllers and nodes', async () => {
      await this.startControllers();
      await this.startNodes();
      await this.waitFor('every node to be Ready', () => nodesReady(this.endpoint, this.plans.length));
    });
    await step('DNS, storage, network policies', async () => {
      const apply = ['apply', '--server-side', '--kubeconfig', kubeconfigPath(this.name), '-f', addons];
      await run(this.programs.kubectl, apply);
      for (const machine of this.machines)
        await this.start(machine, 'network-policy', components.policyAgent(machine.plan));
      await this.waitFor('DNS and storage to be ready', () => addonsReady(this.endpoint));
      await this.waitFor('network policies to be applied', () => this.policiesApplied());
    });
    await this.save(true);
  }

  private async startMachines(): Promise<void> {
    await mkdir(join(this.paths.dir, 'logs'), { recursive: true, mode: 0o700 });
    for (const plan of this.plans) {
      await createCgroup(plan.cgroup);
      this.machines.push(await startMachine(plan));
    }
    await connect(this.machines);
    await Promise.all(this.machines.map(writeNodeFiles));
  }

  private async startApi(): Promise<void> {
    await writeCredentials(this.paths.pki, [admin, ...testUsers, ...components.componentUsers(this.plans)]);
    await writeAuditPolicy(this.paths.pki);
    const first = this.machines[0]!;
    await this.start(first, 'etcd', components.etcd(this.programs, this.paths));
    await this.start(first, 'kube-apiserver', components.apiServer(this.programs, this.paths, first.plan));
    await this.forward(first);
  }

  /** Opens the API's port on this host's loopback and hands it to the forwarder in the first machine. */
  private async forward(first: Machine): Promise<void> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    const { child, ...daemon } = await startInside(first, 'forwarder', components.forwarder(first.plan), true);
    this.daemons.push(daemon);
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', () => reject(new Error(`the forwarder ended:\n${logTail(daemon)}`)));
      child.send('listen', server);
    });
    child.disconnect();
    server.close();
    await this.save(false);
  }

  private async startContainerd(): Promise<void> {
    for (const machine of this.machines) await this.start(machine, 'containerd', components.containerd(machine.plan));
  }

  private async loadSystemImages(): Promise<void> {
    const images = await systemImages(this.programs);
    const socket = '/run/containerd/containerd.sock';
    await this.waitFor('containerd to answer', async () => {
      for (const machine of this.machines) await exec(machine, ['ctr', '-a', socket, 'version']);
      return true;
    });
    await Promise.all(
      this.machines.map(async (machine) => {
        for (const image of images) await loadInto(machine, image);
      }),
    );
  }

  private async startControllers(): Promise<void> {
    const first = this.machines[0]!;
    await this.start(
      first,
      'kube-controller-manager',
      components.controllerManager(this.programs, this.paths, first.plan),
    );
    await this.start(first, 'kube-scheduler', components.scheduler(this.programs, first.plan));
  }

  private async startNodes(): Promise<void> {
    for (const machine of this.machines) {
      await this.start(machine, 'kubelet', components.kubelet(this.programs, machine.plan));
      await this.start(machine, 'kube-proxy', components.kubeProxy(this.programs, machine.plan));
    }
  }

  private async policiesApplied(): Promise<boolean> {
    for (const machine of this.machines) await exec(machine, ['nft', 'list', 'table', 'inet', 'airfield-policy']);
    return true;
  }

  /** One kubeconfig per component inside the machines, and the administrator's outside. */
  private async writeKubeconfigs(): Promise<void> {
    const tokens = await readTokens(this.paths.pki);
    const ca = await readFile(authorityFile(this.paths.pki), 'utf8');
    const server = `https://${this.plans[0].ip}:${components.apiPort}`;
    for (const { dir, name } of this.plans) {
      const users = {
        kubelet: `system:node:${name}`,
        'kube-proxy': 'system:kube-proxy',
        'network-policy': 'airfield:network-policy',
        'kube-controller-manager': 'system:kube-controller-manager',
        'kube-scheduler': 'system:kube-scheduler',
      };
      for (const [component, user] of Object.entries(users)) {
        await writeKubeconfig(`${dir}/etc/${component}.kubeconfig`, {
          name: component,
          server,
          ca,
          token: tokens[user]!,
        });
      }
    }
    const path = kubeconfigPath(this.name);
    await rm(path, { force: true });
    await writeKubeconfig(path, { name: `airfield-${this.name}`, server: this.url, ca, token: tokens.admin! });
    this.endpoint = { url: this.url, ca, token: tokens.admin! };
  }

  endpoint: Endpoint = { url: '', ca: '' };

  // The certificate that the API server makes for itself names "localhost", not 127.0.0.1.
  get url(): string {
    return `https://localhost:${this.port}`;
  }

  async start(machine: Machine, name: string, argv: readonly string[]): Promise<void> {
    const { child: _, ...daemon } = await startInside(machine, name, argv);
    this.daemons.push({ ...daemon, name: `${machine.plan.name}/${name}` });
    await this.save(false);
  }

  daemon(name: string): Daemon {
    const found = this.daemons.find((daemon) => daemon.name.endsWith(`/${name}`));
    if (!found) throw new Error(`${name} was not started`);
    return found;
  }

  save(ready: boolean): Promise<void> {
    const state: State = { nodes: this.plans.length, apiOnly: false, port: this.port, ready, daemons: this.daemons };
    return writeState(this.name, state);
  }

  /** Waits, but not for a process that has ended: then the end of its log is the answer. */
  waitFor(what: string, ready: () => Promise<boolean>, timeout = 120_000): Promise<boolean> {
    return until(
      what,
      async () => {
        for (const daemon of this.daemons) {
          if (!(await isAlive(daemon)))
            throw new Fatal(`${daemon.name} ended, its log is ${daemon.log}:\n${logTail(daemon)}`);
        }
        return ready();
      },
      timeout,
    );
  }
}

async function exec(machine: Machine, argv: readonly string[]): Promise<string> {
  const [command = '', ...args] = inside(machine, argv);
  return run(command, args);
}

/** Whether `count` nodes are there and all Ready. */
export async function nodesReady(endpoint: Endpoint, count: number): Promise<boolean> {
  const { status, body } = await get(endpoint, '/api/v1/nodes');
  if (status !== 200) return false;
  const { items } = JSON.parse(body) as { items: { status: { conditions?: { type: string; status: string }[] } }[] };
  const ready = items.filter(({ status }) =>
    status.conditions?.some((it) => it.type === 'Ready' && it.status === 'True'),
  );
  return ready.length === count && items.length === count;
}

async function addonsReady(endpoint: Endpoint): Promise<boolean> {
  for (const [namespace, name] of [
    ['kube-system', 'coredns'],
    ['local-path-storage', 'local-path-provisioner'],
  ]) {
    const { status, body } = await get(endpoint, `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    if (status !== 200 || !JSON.parse(body).status.readyReplicas) return false;
  }
  return true;
}
