import type { ObservedWorkload } from '../api/kubernetes.ts';
import type { Client } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/log.ts';
import type { Key } from '../kube/types.ts';
import type { Metrics } from '../metrics.ts';
import type { Region } from '../scaling/group.ts';
import { wokenMessage } from '../scaling/messages.ts';
import { isAtWork, type Start } from '../scaling/start.ts';
import type { Caches } from './caches.ts';
import { Rests } from './rests.ts';
import { writeScale } from './scale-writer.ts';
import { type LoadedGroup, replicasOf, workloadKey } from './scaled-groups.ts';
import type { Suspensions } from './suspensions.ts';

export interface MachineStartsOptions {
  readonly client: Pick<Client, 'mergePatch'>;
  readonly caches: Pick<Caches, 'apps' | 'deployments' | 'statefulSets'>;
  readonly suspensions: Pick<Suspensions, 'resume'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: Pick<Metrics, 'autoscalerStarts'>;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Starts machines, and tells of those that gates have started. */
export class MachineStarts {
  readonly #options: MachineStartsOptions;
  /** Workloads that were asleep and are not any more, by their keys, until it is known who has woken them. */
  readonly #awake = new Set<Key>();
  /** Those that this operator is about to wake itself. */
  readonly #own = new Set<Key>();
  readonly #rests: Rests;
  #stopWatching: (() => void)[] = [];

  constructor(options: MachineStartsOptions) {
    this.#options = options;
    this.#rests = new Rests(options.clock);
  }

  /** From now on it is noticed who is woken. */
  watch(): void {
    const { deployments, statefulSets } = this.#options.caches;
    if (this.#stopWatching.length > 0) return;
    this.#stopWatching = [deployments, statefulSets].map((informer) =>
      informer.onChange((key, current, previous) => this.#changed(key, current, previous)),
    );
  }

  stop(): void {
    for (const stop of this.#stopWatching) stop();
  }

  /** Where somebody else has changed the scale nothing happens: the next look decides again. */
  async start(key: Key, { region, resume, replicas, message }: Start): Promise<void> {
    const { log, metrics, suspensions } = this.#options;
    if (resume) return suspensions.resume(key, { name: resume.name, reason: 'soft_limit', message });
    const workload = workloadKey(key, region);
    if (this.#rests.has(workload)) return;
    try {
      if (region.replicas === 0) this.#own.add(workload);
      const written = await writeScale(key, region, replicas, this.#options);
      if (!written) return void this.#own.delete(workload);
      metrics.autoscalerStarts.inc({ reason: 'soft_limit' });
      this.#tell(key, message);
    } catch (error) {
      this.#own.delete(workload);
      this.#rests.begin(workload);
      log.warn({ app: key, workload: region.workload, error: (error as Error).message }, 'no machine was started');
    }
  }

  /**
   * Kubernetes forgets who has changed a scale once that was 0 (the field is left out then, and with it its owner), so what
   * tells that a gate has done it is that it has, or had a moment ago, something to do for the machine. What was woken after
   * the gates were asked, or while one of them did not answer, is told at the next look.
   */
  tellWoken(loaded: readonly LoadedGroup[]): void {
    for (const { key, group, load } of loaded) {
      const isAwake = (region: Region) => region.replicas > 0 && this.#awake.has(workloadKey(key, region));
      for (const region of group.regions.filter(isAwake)) {
        const byRequest = isAtWork(region, load);
        if (!byRequest && !load.isKnown) continue;
        this.#awake.delete(workloadKey(key, region));
        if (!byRequest || region.min > 0 || group.isReleasing) continue;
        this.#options.metrics.autoscalerStarts.inc({ reason: 'request' });
        this.#tell(key, wokenMessage(group, region));
      }
    }
  }

  #changed(key: Key, current: ObservedWorkload | undefined, previous: ObservedWorkload | undefined): void {
    const [was, is] = [previous, current].map((one) => (one ? replicasOf(one) : 0));
    if (is === 0) this.#awake.delete(key);
    else if (was === 0 && previous && !this.#own.delete(key)) this.#awake.add(key);
  }

  #tell(key: Key, message: string): void {
    const { caches, events, log } = this.#options;
    const app = caches.apps.store.get(key);
    log.info({ app: key }, message);
    if (app) events.record(app, { type: 'Normal', reason: 'Started', message, action: 'Scale' });
  }
}
