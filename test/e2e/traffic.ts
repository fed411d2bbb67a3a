import { app } from './apps.ts';
import type { Namespace } from './kubectl.ts';
import { until } from './kubectl.ts';
import { machinesOf } from './machines.ts';

/** What became of the requests that were sent from `from` on. */
export interface Counts {
  readonly from: string;
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  /** Answers by the version that answered. */
  readonly byVersion: Readonly<Record<string, number>>;
  /** Of a visitor: the longest time from question to answer. */
  readonly slowestMs?: number;
  /** The first twenty. */
  readonly failures: readonly { readonly sentAt: string; readonly failedAt: string; readonly error: string }[];
}

/**
 * A steady stream of requests, each on a connection of its own, counted by who sends them: images/traffic/traffic.js. It
 * runs as an App in the namespace of whom it asks, because the private network of that App lets in nobody else.
 */
export class Traffic {
  readonly #namespace: Namespace;
  readonly #name: string;
  readonly #machine: string;

  private constructor(namespace: Namespace, name: string, machine: string) {
    this.#namespace = namespace;
    this.#name = name;
    this.#machine = machine;
  }

  /** Traffic to the Service of an App that is answered by now; `rate` is in requests a second. */
  static async start(namespace: Namespace, target: string, { rate = 200 } = {}): Promise<Traffic> {
    const name = `traffic-${target}`;
    const command = [`http://${target}.${namespace.name}/`, `${rate}`];
    return Traffic.#begin(namespace, name, { command });
  }

  /** A visitor of each URL, who comes at random moments and stays away for up to `longestMs`: images/traffic/visitors.js. */
  static visitors(namespace: Namespace, urls: readonly string[], longestMs: number): Promise<Traffic> {
    return Traffic.#begin(namespace, 'visitors', {
      entrypoint: ['node', 'visitors.js'],
      command: [`${longestMs}`, ...urls],
    });
  }

  static async #begin(namespace: Namespace, name: string, program: object): Promise<Traffic> {
    const processes = [{ name: 'app', ...program }];
    await namespace.apply(app(name, { image: 'airfield.local/traffic:1', killSignal: 'SIGKILL', processes }));
    await namespace.waitReady(name);
    const [machine] = await machinesOf(namespace, name);
    const traffic = new Traffic(namespace, name, machine?.name ?? '');
    await until('an answer', async () => (await traffic.counts()).ok > 0);
    await traffic.take();
    return traffic;
  }

  /** Of the present period, so far. */
  counts(): Promise<Counts> {
    return this.#ask('counts');
  }

  /** Ends the present period and begins another: its counts, once each of its requests was answered or has failed. */
  take(): Promise<Counts> {
    return this.#ask('take');
  }

  /** The counts of the last period. */
  async stop(): Promise<Counts> {
    const counts = await this.take();
    await this.#namespace.kubectl(['delete', 'app', this.#name, '--wait=false']);
    return counts;
  }

  async #ask(path: string): Promise<Counts> {
    const url = `http://localhost:9000/${path}`;
    return JSON.parse(await this.#namespace.kubectl(['exec', this.#machine, '--', 'wget', '-qO-', url]));
  }
}
