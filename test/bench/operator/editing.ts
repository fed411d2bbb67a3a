import { setTimeout as sleep } from 'node:timers/promises';
import { Informer } from '../../../src/kube/informer.ts';
import { deployments } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { until } from '../../cluster/exec.ts';
import { imageOf, indexOf } from './apps.ts';
import type { BenchCluster } from './cluster.ts';

type Deployment = KubeObject & {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
};

/** Changes images of Apps, and hears when their Deployments have them. */
export class Editing {
  /** From the request of an edit until the Deployment was heard of, in milliseconds. */
  #latencies: number[] = [];
  #edits = 0;
  readonly #cluster: BenchCluster;
  readonly #apps: number;
  readonly #informer: Informer<Deployment>;
  /** By number of the App. */
  readonly #waiting = new Map<number, { image: string; since: number; done: () => void }>();

  constructor(cluster: BenchCluster, apps: number) {
    this.#cluster = cluster;
    this.#apps = apps;
    this.#informer = new Informer<Deployment>({ client: cluster.client, resource: deployments, freeze: false });
    this.#informer.onChange((_, current) => current && this.#heard(current));
  }

  start(): Promise<void> {
    this.#informer.start();
    return this.#informer.synced;
  }

  stop(): Promise<void> {
    return this.#informer.stop();
  }

  /** So many edits a second for so many seconds, however long each takes. Gives back how long each took. */
  async atRate(rate: number, seconds: number): Promise<number[]> {
    this.#latencies = [];
    const began = performance.now();
    const requests: Promise<void>[] = [];
    for (let sent = 0; sent < rate * seconds; ) {
      const due = Math.floor(((performance.now() - began) / 1000) * rate);
      for (; sent < Math.min(due, rate * seconds); sent++) requests.push(this.#edit());
      await sleep(1);
    }
    await Promise.all(requests);
    await until('all edits', async () => this.#waiting.size === 0, 300_000);
    return this.#latencies;
  }

  /** Edits a second where each of so many waits for its Deployment before the next one is sent. */
  async atMost(seconds: number, together: number): Promise<number> {
    this.#latencies = [];
    const end = performance.now() + seconds * 1000;
    const worker = async () => {
      while (performance.now() < end) {
        const { promise, resolve } = Promise.withResolvers<void>();
        await this.#edit(resolve);
        await promise;
      }
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: together }, worker));
    return this.#latencies.length / ((performance.now() - began) / 1000);
  }

  async #edit(done = () => {}): Promise<void> {
    const edit = ++this.#edits;
    const index = edit % this.#apps;
    this.#waiting.get(index)?.done();
    this.#waiting.set(index, { image: imageOf(edit), since: performance.now(), done });
    await this.#cluster.setImage(index, imageOf(edit));
  }

  #heard({ metadata, spec }: Deployment): void {
    const index = indexOf(metadata.name);
    const edit = this.#waiting.get(index);
    if (!edit || spec.template.spec.containers[0]?.image !== edit.image) return;
    this.#waiting.delete(index);
    this.#latencies.push(performance.now() - edit.since);
    edit.done();
  }
}
