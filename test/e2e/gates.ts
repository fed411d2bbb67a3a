import { until } from '../cluster/exec.ts';
import { killContainer } from './container-processes.ts';
import { certificatesNamespace, type GateManifests, gateManifests } from './gate-manifests.ts';
import { kubectl as kubectlOfTests, patience } from './kubectl.ts';

export type ContainerName = 'gate' | 'haproxy';

/** One pod of the gates. */
export interface GatePod {
  readonly name: string;
  readonly address: string;
  readonly node: string;
  readonly isReady: boolean;
  readonly restarts: number;
  /** Ids of its containers by their names. */
  readonly containers: Readonly<Partial<Record<ContainerName, string>>>;
}

export interface GatesOptions extends Partial<Omit<GateManifests, 'token'>> {
  /** Default: against the cluster of the tests. */
  readonly kubectl?: typeof kubectlOfTests;
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: {
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { name: string; containerID?: string; restartCount: number }[];
  };
}

/** Gates that run in the cluster, in a namespace of their own; the image is loaded by setup.ts. */
export class Gates {
  readonly namespace: string;
  readonly token: string;
  readonly #kubectl: typeof kubectlOfTests;

  private constructor(namespace: string, token: string, kubectl: typeof kubectlOfTests) {
    this.namespace = namespace;
    this.token = token;
    this.#kubectl = kubectl;
  }

  /** Gates that serve. Default: two, which serve on for 2 s and then for 20 s at most once they are asked to stop. */
  static async start(options: GatesOptions = {}): Promise<Gates> {
    const { kubectl = kubectlOfTests, ...fields } = options;
    const own = Math.random().toString(36).slice(2, 7);
    const manifests = {
      ...{ namespace: `gates-${own}`, replicas: 2, token: `token-of-tests-${own}`, drain: 2, grace: 20 },
      ...{ edge: false, policy: false, env: {} },
      ...fields,
    };
    const gates = new Gates(manifests.namespace, manifests.token, kubectl);
    const list = { apiVersion: 'v1', kind: 'List', items: gateManifests(manifests) };
    await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
    await gates.#areReady();
    return gates;
  }

  /** Where they read certificates, if they do. */
  get certificates(): string {
    return certificatesNamespace(this.namespace);
  }

  /** Those that are not on their way out. */
  async pods(): Promise<GatePod[]> {
    const output = await this.#run('get', 'pods', '-o', 'json');
    const pods: Pod[] = JSON.parse(output).items;
    return pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(gatePod);
  }

  /** What is said by all containers of this name that run, line by line. */
  async lines(container: ContainerName = 'gate'): Promise<string[]> {
    const selector = 'app.kubernetes.io/component=gate';
    const output = await this.#run('logs', '--selector', selector, '--container', container, '--tail=-1');
    return output.split('\n').filter(Boolean);
  }

  /** Sends a signal to all processes of a container. On an embedded cluster alone. */
  async kill(pod: GatePod, signal: NodeJS.Signals = 'SIGKILL', container: ContainerName = 'gate'): Promise<void> {
    if (await killContainer(pod.containers[container] ?? '', signal)) return;
    throw new Error(`${pod.name} has no process in ${container}, or not on this host`);
  }

  /** Waits until a pod that was killed has started again and serves. */
  async isBack({ name, restarts }: GatePod): Promise<GatePod> {
    const found = async () => (await this.pods()).find((pod) => pod.name === name && pod.restarts > restarts);
    const back = await until(`${name} to be back`, async () => ((await found())?.isReady ? found() : undefined));
    return back as GatePod;
  }

  /** Replaces all pods, as a new version of the gate would. */
  async restart(): Promise<void> {
    await this.#run('rollout', 'restart', 'deployment/airfield-gate');
    await this.#areReady();
  }

  async scale(replicas: number): Promise<void> {
    await this.#run('scale', 'deployment/airfield-gate', `--replicas=${replicas}`);
    await this.#areReady();
  }

  async stop(): Promise<void> {
    const all = [
      `namespace/${this.namespace}`,
      `namespace/${this.certificates}`,
      `clusterrole/${this.namespace}`,
      `clusterrolebinding/${this.namespace}`,
    ];
    await this.#kubectl(['delete', ...all, '--wait=false', '--ignore-not-found']);
  }

  #areReady(): Promise<string> {
    return this.#run('rollout', 'status', 'deployment/airfield-gate', `--timeout=${patience}ms`);
  }

  #run(...args: string[]): Promise<string> {
    return this.#kubectl(['--namespace', this.namespace, ...args]);
  }
}

function gatePod({ metadata, spec, status }: Pod): GatePod {
  const containers = status.containerStatuses ?? [];
  return {
    name: metadata.name,
    address: status.podIP ?? '',
    node: spec.nodeName ?? '',
    isReady: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    containers: Object.fromEntries(containers.map(({ name, containerID }) => [name, containerID ?? ''])),
  };
}
