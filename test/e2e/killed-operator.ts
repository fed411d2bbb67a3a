import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Namespace } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

/** What replays the moments of a run. */
export const seed = process.env.AIRFIELD_TEST_SEED ?? `${Date.now()}`;

/** A number from 0 to 1 that depends on the seed and `what` alone. */
const random = (what: string) => createHash('sha256').update(`${seed} ${what}`).digest().readUInt32BE() / 2 ** 32;

/** An operator that is killed again and again, and started again at once, as Kubernetes does it with a container. */
export class KilledOperator {
  readonly #namespace: Namespace;
  #process: OperatorProcess;

  private constructor(namespace: Namespace, process: OperatorProcess) {
    this.#namespace = namespace;
    this.#process = process;
  }

  static async startIn(namespace: Namespace): Promise<KilledOperator> {
    return new KilledOperator(namespace, await begin(namespace));
  }

  /** Kills it `times` times at moments within `span` milliseconds from now, which `what` tells from those of other calls. */
  async kills(what: string, times: number, span: number): Promise<void> {
    const began = performance.now();
    const moments = Array.from({ length: times }, (_, index) => random(`${what} ${index}`) * span);
    for (const moment of moments.sort((a, b) => a - b)) {
      await sleep(Math.max(0, moment - (performance.now() - began)));
      await this.#process.kill('SIGKILL');
      this.#process = await begin(this.#namespace);
    }
  }

  stop(): Promise<number | null> {
    return this.#process.stop();
  }
}

/** A container that is started again keeps its name, so its Lease is still its own. */
const begin = (namespace: Namespace) =>
  OperatorProcess.startIn(namespace, { env: { AIRFIELD_IDENTITY: namespace.name } });
