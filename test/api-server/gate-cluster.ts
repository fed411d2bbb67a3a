import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { suspendedAnnotation } from '../../src/api/meta.ts';
import type { Route } from '../../src/api/route.ts';
import type { Client } from '../../src/kube/client.ts';
import { deployments, namespaces, pods, services } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { type Suspended, writeSuspended } from '../../src/suspend/annotation.ts';

/** What the operator and the kubelet would make of an App `web`, in a namespace of its own. */
export class GateCluster {
  readonly client: Client;
  readonly namespace: string;

  constructor(client: Client, namespace: string) {
    this.client = client;
    this.namespace = namespace;
  }

  static async create(client: Client, namespace: string): Promise<GateCluster> {
    await client.create(namespaces, { metadata: { name: namespace } });
    return new GateCluster(client, namespace);
  }

  /** A route as its JSON is written. */
  route(listenPort: number, fields: object = {}): Partial<Route> {
    const needed = { namespace: this.namespace, app: 'web', listenPort, port: 80, internalPort: 8080, mode: 'http' };
    return { ...needed, ...fields } as Partial<Route>;
  }

  /** The Service of the App, with these routes; it is made where it is not there. */
  async routes(routes: unknown, name = 'web'): Promise<void> {
    const text = typeof routes === 'string' ? routes : JSON.stringify(routes);
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...this.#meta(name), annotations: { 'airfield.dev/routes': text } },
      spec: { ports: [{ port: 80 }] },
    };
    await this.client.apply(services, service, { fieldManager: 'test', force: true });
  }

  async deployment(name: string, replicas: number, app = 'web'): Promise<void> {
    const labels = { 'airfield.dev/app': app, 'airfield.dev/workload': name };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'x' }] } };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    await this.client.create(deployments, { metadata: this.#meta(name), spec });
  }

  async replicas(name: string): Promise<number | undefined> {
    const { spec } = await this.client.get<KubeObject & { spec: { replicas?: number } }>(deployments, this.#ref(name));
    return spec.replicas;
  }

  scale(name: string, replicas: number): Promise<unknown> {
    return this.client.mergePatch(deployments, this.#ref(name), { spec: { replicas } }, { subresource: 'scale' });
  }

  /** A pod whose program runs at this address. */
  async pod(name: string, podIP: string, suspended?: Suspended): Promise<void> {
    const metadata = this.#meta(name, { 'airfield.dev/process': 'app', 'airfield.dev/slot': 'blue' });
    const resources = { requests: { cpu: suspended ? '1m' : '500m' }, limits: { cpu: suspended ? '100m' : '1' } };
    const annotations = suspended && { [suspendedAnnotation]: writeSuspended(suspended) };
    const spec = { containers: [{ name: 'app', image: 'x', resources }] };
    await this.client.create(pods, { metadata: { ...metadata, ...(annotations && { annotations }) }, spec });
    const state = { running: { startedAt: new Date().toISOString() } };
    const program = { name: 'app', image: 'x', imageID: 'x', ready: false, restartCount: 0, state, resources };
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], containerStatuses: [program] };
    await this.client.mergePatch(pods, this.#ref(name), { status }, { subresource: 'status' });
  }

  /** Its limit, as the API server has it, and whether it says that it is suspended. */
  async cpu(name: string): Promise<string> {
    const { metadata, spec } = await this.client.get<ObservedPod>(pods, this.#ref(name));
    const isSuspended = metadata.annotations?.[suspendedAnnotation] !== undefined;
    return `${spec?.containers[0]?.resources?.limits?.cpu}${isSuspended ? ', suspended' : ''}`;
  }

  async deletePod(name: string): Promise<void> {
    await this.client.delete(pods, this.#ref(name));
  }

  #ref(name: string) {
    return { namespace: this.namespace, name };
  }

  #meta(name: string, labels: object = {}) {
    const common = { 'app.kubernetes.io/managed-by': 'airfield', 'airfield.dev/app': 'web' };
    return { name, namespace: this.namespace, labels: { ...common, ...labels } };
  }
}
