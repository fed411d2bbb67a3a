import type { Client } from '../kube/client.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/log.ts';
import type { Key } from '../kube/types.ts';
import type { Metrics } from '../metrics.ts';
import { wokenMessage } from '../scaling/messages.ts';
import type { Start } from '../scaling/start.ts';
import type { Caches } from './caches.ts';
import { isByGate, writeScale } from './scale-writer.ts';
import type { SeenGroup } from './scaled-groups.ts';

export interface MachineStartsOptions {
  readonly client: Pick<Client, 'get' | 'mergePatch'>;
  readonly caches: Pick<Caches, 'apps' | 'deployments' | 'statefulSets'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: Pick<Metrics, 'autoscalerStarts'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Starts machines, and tells of those that gates have started. */
export class MachineStarts {
  readonly #options: MachineStartsOptions;
  /** How many of each workload were asked for when it was last seen. */
  #replicas: ReadonlyMap<string, number> = new Map();

  constructor(options: MachineStartsOptions) {
    this.#options = options;
  }

  /** Where somebody else has changed the scale nothing happens: the next look decides again. */
  async start(key: Key, { region, replicas, message }: Start): Promise<void> {
    const { log, metrics } = this.#options;
    try {
      const written = await writeScale(key, region, replicas, this.#options);
      if (!written) return;
      metrics.autoscalerStarts.inc({ reason: 'soft_limit' });
      this.#tell(key, message);
    } catch (error) {
      log.warn({ app: key, workload: region.workload, error: (error as Error).message }, 'no machine was started');
    }
  }

  /** One that this operator has not seen asleep is none that was woken. */
  async tellWoken(seen: readonly SeenGroup[]): Promise<void> {
    const before = this.#replicas;
    const all = seen.flatMap(({ key, group }) => group.regions.map((region) => ({ key, group, region })));
    const nameOf = ({ key, region }: (typeof all)[number]) => `${key} ${region.workload}`;
    this.#replicas = new Map(all.map((one) => [nameOf(one), one.region.replicas]));
    const awake = all.filter((one) => one.region.replicas > 0 && before.get(nameOf(one)) === 0);
    await Promise.all(
      awake.map(async (one) => {
        const { key, group, region } = one;
        if (!(await this.#isByGate(key, region))) return;
        this.#options.metrics.autoscalerStarts.inc({ reason: 'request' });
        this.#tell(key, wokenMessage(group, region));
      }),
    );
  }

  async #isByGate(key: Key, region: Start['region']): Promise<boolean> {
    try {
      return await isByGate(key, region, this.#options);
    } catch (error) {
      // Gone again, or not to be had: then nothing is told rather than something that may be wrong.
      this.#options.log.debug({ app: key, error: (error as Error).message }, 'it is not known who started a machine');
      return false;
    }
  }

  #tell(key: Key, message: string): void {
    const { caches, events, log } = this.#options;
    const app = caches.apps.store.get(key);
    log.info({ app: key }, message);
    if (app) events.record(app, { type: 'Normal', reason: 'Started', message, action: 'Scale' });
  }
}
