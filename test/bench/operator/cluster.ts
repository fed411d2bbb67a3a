import { apps } from '../../../src/controller/resources.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { deployments, namespaces, pathOf, type Resource } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { serveOwnKinds } from '../../api-server/own-kinds.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { cpuSecondsOf } from '../measure/process.ts';
import { benchApp, namespaceOf, namespacesOf } from './apps.ts';
import { BareClient, inParallel } from './bare-client.ts';

const connections = 32;

type Deployment = KubeObject & { readonly spec: { readonly replicas: number } };

/** A kube-apiserver with its etcd that nobody has used yet: it knows the kinds of Airfield, and the namespaces of so many Apps. */
export class BenchCluster {
  readonly kubeconfig: string;
  readonly client: Client;
  readonly bare: BareClient;
  readonly #server: ApiServer;

  private constructor(server: ApiServer, client: Client, bare: BareClient) {
    this.#server = server;
    this.kubeconfig = server.kubeconfig;
    this.client = client;
    this.bare = bare;
  }

  static async with<T>(count: number, task: (cluster: BenchCluster) => Promise<T>): Promise<T> {
    const server = await startApiServer();
    try {
      const { kubeconfig } = server;
      const client = await connect({ kubeConfigPath: kubeconfig });
      const cluster = new BenchCluster(server, client, await BareClient.connect(kubeconfig, connections));
      await cluster.#prepare(count);
      return await task(cluster);
    } finally {
      await server.stop();
    }
  }

  async #prepare(count: number): Promise<void> {
    await serveOwnKinds(this.client);
    for (const name of namespacesOf(count)) await this.client.create(namespaces, { metadata: { name } });
  }

  /** Makes Apps, one after the other on each of many connections. */
  makeApps(count: number): Promise<void> {
    return inParallel(indexes(count), connections, (index) => this.bare.create(apps, benchApp(index) as KubeObject));
  }

  /** How many objects of a kind there are. */
  async countOf(resource: Resource): Promise<number> {
    const { items, metadata } = await this.client.list<KubeObject>(resource, { limit: 1 });
    return items.length + ((metadata as { remainingItemCount?: number }).remainingItemCount ?? 0);
  }

  /** Does for all Deployments what Kubernetes' controllers would, which do not run: all machines are ready. */
  async readyAll(count: number): Promise<void> {
    for (const namespace of namespacesOf(count)) {
      const { items } = await this.client.list<Deployment>(deployments, { namespace });
      await inParallel(items, connections, ({ metadata, spec: { replicas } }) => {
        const all = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
        const status = { observedGeneration: metadata.generation, ...all };
        return this.bare.mergePatch(`${pathOf(deployments, metadata)}/status`, { status });
      });
    }
  }

  /** Takes away all that Apps are made of, when no operator runs. Kubernetes' garbage collector does not run. */
  async clear(count: number, kinds: Iterable<Resource>): Promise<void> {
    const paths = namespacesOf(count).flatMap((namespace) => [...kinds].map((kind) => pathOf(kind, { namespace })));
    await inParallel(paths, 8, (path) => this.bare.json('DELETE', path));
  }

  /** Seconds of CPU that the API server and etcd have used so far. */
  get cpuSeconds(): number {
    return this.#server.daemons.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
  }

  async setImage(index: number, image: string): Promise<void> {
    const metadata = { ...benchApp(index).metadata, namespace: namespaceOf(index) };
    await this.bare.mergePatch(pathOf(apps, metadata), { spec: { image } });
  }

  /** What the API server has been asked for so far, by verb and resource: `APPLY services`. Reads and its own are left out. */
  async writes(): Promise<Map<string, number>> {
    const text = await this.bare.text('GET', '/metrics');
    const counts = new Map<string, number>();
    for (const [, labels = '', value] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
      const { verb, resource, subresource, code } = labelsOf(labels);
      if (!verb || /^(GET|LIST|WATCH|CONNECT)$/.test(verb) || notOfClients.has(`${resource}`) || code?.[0] !== '2')
        continue;
      const name = `${verb} ${resource}${subresource ? `/${subresource}` : ''}`;
      counts.set(name, (counts.get(name) ?? 0) + Number(value));
    }
    return counts;
  }
}

export const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);

function labelsOf(text: string): Partial<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}

/** Leases are renewed however little happens; addresses of Services are written by the API server itself. */
const notOfClients: ReadonlySet<string> = new Set(['leases', 'ipaddresses']);
