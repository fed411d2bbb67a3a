import { setTimeout as sleep } from 'node:timers/promises';
import { toldLoadSchema } from '../../../src/api/gate.ts';
import { label } from '../../../src/api/meta.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { namespaces, pods } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { kubectlPath } from '../../cluster/binaries.ts';
import { run, until } from '../../cluster/exec.ts';
import { Gates } from '../../e2e/gates.ts';

/** A gate loads a configuration at most once a second, and takes about as long on a busy machine. */
const settledMs = 2500;

export type BenchPod = KubeObject & {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly ready: boolean;
      readonly resources?: { readonly limits?: { readonly cpu?: string } };
    }[];
  };
};

/** The cluster that is measured, with two gates. */
export class Bench {
  readonly client: Client;
  readonly namespace = `bench-${Math.random().toString(36).slice(2, 7)}`;
  readonly gates: Gates;
  readonly pods: Informer<BenchPod>;

  private constructor(client: Client, gates: Gates) {
    this.client = client;
    this.gates = gates;
    const indexes = { app: ({ metadata }: BenchPod) => [metadata.labels?.[label.app] ?? ''] };
    this.pods = new Informer<BenchPod>({ client, resource: pods, namespace: this.namespace, indexes });
  }

  /** Goes by KUBECONFIG. */
  static async start(): Promise<Bench> {
    const program = await kubectlPath();
    const kubectl = (args: readonly string[], input = '') => run(program, args, { input });
    const bench = new Bench(await connect({}), await Gates.start({ kubectl }));
    await bench.client.create(namespaces, { metadata: { name: bench.namespace } });
    bench.pods.start();
    await bench.pods.synced;
    return bench;
  }

  podsOf(app: string): BenchPod[] {
    return this.pods.store.byIndex('app', app);
  }

  /** Waits until an App has this many machines that are ready, and none on its way out. */
  async hasMachines(app: string, count: number): Promise<BenchPod[]> {
    const are = async () => {
      const all = this.podsOf(app);
      const isReady = ({ status }: BenchPod) => status.containerStatuses?.every(({ ready }) => ready) ?? false;
      return all.length === count && all.every(isReady);
    };
    await until(`${app} to have ${count} machines`, are, 300_000, 20);
    return this.podsOf(app);
  }

  /** What each gate says of an App: its routes and their machines. */
  async told(app: string) {
    const { namespace } = this;
    const answers = (await this.gates.pods()).map(async ({ address }) => {
      const { routes } = toldLoadSchema.parse(await (await fetch(`http://${address}:8081/load`)).json());
      return routes.filter((route) => route.namespace === namespace && route.app === app);
    });
    return Promise.all(answers);
  }

  /** Waits until no gate has loaded a configuration for longer than it would wait with one. */
  async reloadsAreDone(): Promise<void> {
    const loads = async () => JSON.stringify(await Promise.all((await this.gates.pods()).map(loadsOf)));
    let before = await loads();
    const isSame = async () => {
      const [earlier, later] = [before, await loads()];
      before = later;
      return earlier === later;
    };
    await sleep(settledMs);
    await until('the gates to load nothing', isSame, 60_000, settledMs);
  }

  async stop(): Promise<void> {
    await this.pods.stop();
    await this.client.delete(namespaces, { name: this.namespace });
    await this.gates.stop();
    this.client.close();
  }
}

async function loadsOf({ address }: { readonly address: string }): Promise<string | undefined> {
  const text = await (await fetch(`http://${address}:8081/metrics`)).text();
  return /^airfield_gate_reloads_total (\d+)/m.exec(text)?.[1];
}
