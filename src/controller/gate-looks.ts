import type { Drained, ToldRoute } from '../api/gate.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import { mayHaveConnections, takesTraffic } from '../desired/gate-pods.ts';
import type { Drain, GateClient } from '../gate-client/gate-client.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import type { Key } from '../kube/types.ts';
import type { Metrics } from '../metrics.ts';
import type { GateWord } from '../scaling/load.ts';

export interface GateLooksOptions {
  readonly client: Pick<GateClient, 'load' | 'drain' | 'close'>;
  /** The pods of the gates. */
  readonly pods: () => readonly ObservedPod[];
  readonly metrics: Pick<Metrics, 'autoscalerLooksFailed' | 'autoscalerLookSeconds'>;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface AskedGate extends Omit<GateWord, 'routes'> {
  readonly name: string;
  readonly address: string;
}

/** Asks all gates at once. */
export class GateLooks {
  readonly #options: GateLooksOptions;
  readonly #silent = new Set<string>();

  constructor(options: GateLooksOptions) {
    this.#options = options;
  }

  /** What each gate says of each App. */
  async load(): Promise<(key: Key) => GateWord[]> {
    const { client, clock, metrics, signal } = this.#options;
    const began = clock.monotonic();
    const answers = await this.#all((address) => client.load(address, signal));
    metrics.autoscalerLookSeconds.observe((clock.monotonic() - began) / 1000);
    const words = answers.map(({ gate, answer }) => ({ ...gate, byApp: answer && Map.groupBy(answer, appOf) }));
    return (key) => words.map(({ byApp, ...gate }) => ({ ...gate, routes: byApp && (byApp.get(key) ?? []) }));
  }

  /** What each gate says of a machine that it gives nothing new; undefined for one that has to be heard and was not. */
  async drain(machine: Drain): Promise<(Drained | undefined)[]> {
    const { client, signal } = this.#options;
    const answers = await this.#all((address) => client.drain(address, machine, signal));
    return answers.flatMap(({ gate, answer }) => (answer || gate.isNeeded ? [answer] : []));
  }

  stop(): void {
    this.#options.client.close();
  }

  async #all<T>(ask: (address: string) => Promise<T>) {
    const { pods, clock, signal } = this.#options;
    const gates = gatesToAsk(pods(), clock.now());
    return Promise.all(
      gates.map(async (gate) => {
        try {
          const answer = await ask(gate.address);
          if (this.#silent.delete(gate.name)) this.#options.log.info({ gate: gate.name }, 'a gate answers again');
          return { gate, answer };
        } catch (error) {
          if (!signal.aborted) this.#failed(gate, error as Error);
          return { gate, answer: undefined };
        }
      }),
    );
  }

  #failed({ name, isNeeded }: AskedGate, { message }: Error): void {
    const { metrics, log } = this.#options;
    if (!isNeeded) return;
    metrics.autoscalerLooksFailed.inc();
    const isNews = !this.#silent.has(name);
    this.#silent.add(name);
    if (isNews) log.warn({ gate: name, error: message }, 'a gate does not answer: no machine is stopped until it does');
  }
}

/**
 * All that may have connections. One that is being deleted has them until its grace period is over, which is what
 * `deletionTimestamp` says; what is there after that is on a node that nobody hears of.
 */
function gatesToAsk(pods: readonly ObservedPod[], nowMs: number): AskedGate[] {
  return pods.flatMap((pod): AskedGate[] => {
    const { name, deletionTimestamp } = pod.metadata;
    const { podIP: address, phase } = pod.status ?? {};
    const isOver = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + 10_000 < nowMs;
    if (!address || isOver || phase === 'Succeeded' || phase === 'Failed') return [];
    const isReady = takesTraffic(pod, new Date(nowMs));
    return [{ name, address, isReady, isNeeded: isReady || mayHaveConnections(pod) }];
  });
}

const appOf = ({ namespace, app }: ToldRoute) => `${namespace}/${app}`;
