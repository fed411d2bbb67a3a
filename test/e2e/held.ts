import { app } from './apps.ts';
import { type Namespace, until } from './kubectl.ts';
import { machinesOf } from './machines.ts';

/** How many have heard something, and how many are not open any more. */
export interface HeldCounts {
  readonly heard: number;
  readonly closed: number;
}

export interface HeldTarget {
  readonly host: string;
  readonly port: number;
  readonly number: number;
  /** What is said on each connection at first. Default: nothing. */
  readonly first?: string;
}

/** Connections that stay open: images/traffic/held.js, as an App in the namespace of whom they are to. */
export class Held {
  readonly #namespace: Namespace;
  readonly #name: string;
  readonly #machine: string;

  private constructor(namespace: Namespace, name: string, machine: string) {
    this.#namespace = namespace;
    this.#name = name;
    this.#machine = machine;
  }

  /** Connections on which the other side may not have said anything yet. */
  static async open(namespace: Namespace, { host, port, number, first = '' }: HeldTarget): Promise<Held> {
    const name = `held-${host}`;
    const command = [host, `${port}`, `${number}`, first];
    const processes = [{ name: 'app', entrypoint: ['node', 'held.js'], command }];
    await namespace.apply(app(name, { image: 'airfield.local/traffic:1', killSignal: 'SIGKILL', processes }));
    await namespace.waitReady(name);
    const [machine] = await machinesOf(namespace, name);
    return new Held(namespace, name, machine?.name ?? '');
  }

  /** Waits until the other side has said something on each of them. */
  async haveHeard(number: number): Promise<void> {
    await until(`${number} connections to hear something`, async () => (await this.counts()).heard === number);
  }

  counts(): Promise<HeldCounts> {
    return this.#get('counts');
  }

  /** Says a line on each: `heard` are those that were answered. */
  ask(line: string): Promise<HeldCounts> {
    return this.#get(`ask?line=${encodeURIComponent(line)}`);
  }

  /** All are closed soon. */
  async close(): Promise<void> {
    await this.#namespace.kubectl(['delete', 'app', this.#name, '--wait=false']);
  }

  async #get(path: string): Promise<HeldCounts> {
    const url = `http://localhost:9000/${path}`;
    return JSON.parse(await this.#namespace.kubectl(['exec', this.#machine, '--', 'wget', '-qO-', url]));
  }
}
