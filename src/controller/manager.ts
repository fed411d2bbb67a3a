import type { Client } from '../kube/client.ts';
import type { Informer } from '../kube/informer.ts';
import { LeaderElection } from '../kube/lease.ts';
import type { Log } from '../kube/log.ts';
import type { Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Metrics } from '../metrics.ts';
import { type RunningServer, startServer } from '../server.ts';
import type { Controller } from './controller.ts';

export interface ManagerOptions {
  readonly client: Client;
  readonly informers: readonly Informer<KubeObject>[];
  readonly controllers: readonly Controller[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly host: string;
  readonly port: number;
  readonly lease: { readonly namespace: string; readonly name: string; readonly identity: string };
  /** Called when another operator leads: nothing may be written any more, so the process must end. */
  readonly onLost: () => void;
  /** Time that work which is under way has when the operator stops, in milliseconds. */
  readonly drainMs?: number;
}

/**
 * Starts what the operator is made of in order, and stops it in the reverse one: an operator is ready as soon as it sees
 * the cluster, works only while it leads, and gives the lead away only after its last write.
 */
export class Manager {
  readonly #options: ManagerOptions;
  readonly #election: LeaderElection;
  #server: RunningServer | undefined;
  #synced = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    const { client, lease, log, metrics, informers } = options;
    this.#election = new LeaderElection({ client, ...lease, log, onLost: () => this.#lost() });
    metrics.leader.set({ name: lease.name }, 0);
    metrics.beforeScrape(() => {
      metrics.leading.set(this.isLeading ? 1 : 0);
      // Some kinds have several: those of a label and the rest, or one object.
      for (const [resource, all] of Map.groupBy(informers, ({ resource }) => groupResource(resource))) {
        metrics.informerRelists.set(
          { resource },
          sum(all, ({ relists }) => relists),
        );
        metrics.informerObjects.set(
          { resource },
          sum(all, ({ store }) => store.size),
        );
        metrics.informerStale.set({ resource }, all.some((informer) => informer.isStale(Date.now())) ? 1 : 0);
      }
    });
  }

  /** Port of /healthz, /readyz and /metrics. */
  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Whether this operator is the one that works. */
  get isLeading(): boolean {
    return this.#election.isLeader;
  }

  /** Resolves when the operator sees the cluster and waits for the lead; it begins to work as soon as it has that. */
  async start(): Promise<void> {
    const { host, port, metrics, informers, log } = this.#options;
    this.#server = await startServer({ host, port, metrics, notReady: () => this.#notReady() });
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.synced));
    this.#synced = true;
    log.info(
      { port: this.port, objects: informers.reduce((sum, { store }) => sum + store.size, 0) },
      'sees the cluster',
    );
    this.#election.elected.then(() => this.#lead()).catch(() => {});
    this.#election.start();
  }

  /** Ends in order; the client is left open for whoever has something to say at the end. */
  async stop(): Promise<void> {
    const { controllers, informers, log, drainMs = 10_000 } = this.#options;
    log.info({}, 'stopping');
    const drained = Promise.all(controllers.map((controller) => controller.drain()));
    const deadline = setTimeout(
      () =>
        controllers.forEach((controller) => {
          controller.abort();
        }),
      drainMs,
    );
    await drained;
    clearTimeout(deadline);
    await this.#election.stop();
    await Promise.all(informers.map((informer) => informer.stop()));
    await this.#server?.close();
    log.info({}, 'stopped');
  }

  #lead(): void {
    const { controllers, metrics, lease } = this.#options;
    metrics.leader.set({ name: lease.name }, 1);
    for (const controller of controllers) controller.start();
  }

  #lost(): void {
    const { controllers, metrics, lease, onLost } = this.#options;
    metrics.leader.set({ name: lease.name }, 0);
    for (const controller of controllers) controller.abort();
    onLost();
  }

  #notReady(): string[] {
    if (!this.#synced) return ['the first look at the cluster is not complete'];
    const stale = this.#options.informers.filter((informer) => informer.isStale(Date.now()));
    return stale.map(({ resource }) => `nothing heard of ${resource.plural} for too long`);
  }
}

/** `secrets` is a kind of Kubernetes, `secrets.airfield.dev` one of Airfield's. */
function groupResource({ apiVersion, plural }: Resource): string {
  const [group, version] = apiVersion.split('/');
  return version ? `${plural}.${group}` : plural;
}

const sum = <T>(all: readonly T[], count: (one: T) => number) => all.reduce((total, one) => total + count(one), 0);
