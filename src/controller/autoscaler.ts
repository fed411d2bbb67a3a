import type { Clock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import type { Key } from '../kube/types.ts';
import { decide } from '../scaling/decide.ts';
import { dueMachines } from '../scaling/due.ts';
import type { Group } from '../scaling/group.ts';
import type { Held } from '../scaling/held.ts';
import { type GateWord, groupLoad } from '../scaling/load.ts';
import { type Resume, resumedMessage } from '../scaling/resume.ts';
import type { Caches } from './caches.ts';
import type { GateLooks } from './gate-looks.ts';
import type { MachineStarts } from './machine-starts.ts';
import type { MachineStops } from './machine-stops.ts';
import {
  groupNow,
  type LoadedGroup,
  type Planned,
  type ScaledGroup,
  type SeenGroup,
  scaledGroups,
  workloadOf,
} from './scaled-groups.ts';
import type { Suspensions } from './suspensions.ts';

export interface AutoscalerOptions {
  readonly caches: Pick<Caches, 'pods' | 'deployments' | 'statefulSets'>;
  readonly gates: Pick<GateLooks, 'load' | 'stop'>;
  readonly starts: Pick<MachineStarts, 'start' | 'tellWoken' | 'watch' | 'stop'>;
  readonly stops: Pick<MachineStops, 'begin' | 'step' | 'size' | 'has' | 'refused'>;
  readonly suspensions: Pick<Suspensions, 'resume' | 'watch' | 'stop'>;
  /** For how long a machine has to have been too many before it is stopped. */
  readonly stopAfterMs: number;
  /** Aborts what is under way. */
  readonly ended: AbortController;
  readonly log: Log;
  readonly clock: Clock;
}

/** From the end of a look to the next one. */
const everyMs = 1000;

/**
 * Starts and stops machines by what they have to do. It knows of an App from `keep` on, which only the operator that leads
 * calls; what it has seen is forgotten with it. While no machine runs that it may stop, nobody is asked.
 */
export class Autoscaler {
  readonly #options: AutoscalerOptions;
  readonly #apps = new Map<Key, readonly ScaledGroup[]>();
  /** By App and workload. */
  #held = new Map<Key, ReadonlyMap<string, Held>>();
  #cancel: (() => void) | undefined;
  #pass: Promise<void> | undefined;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
  }

  /** From now on exactly these machines of an App are scaled; none where it is gone. */
  keep(key: Key, plan: Planned | undefined): void {
    const groups = plan ? scaledGroups(plan) : [];
    if (groups.length > 0) this.#apps.set(key, groups);
    else this.#apps.delete(key);
    if (groups.length > 0) {
      this.#options.starts.watch();
      this.#options.suspensions.watch();
    }
    this.#plan();
  }

  /** Asks nobody any more and writes nothing. What is being drained serves again by itself. */
  async stop(): Promise<void> {
    const { ended, gates, starts, suspensions } = this.#options;
    ended.abort(new Error('the operator stops'));
    this.#cancel?.();
    starts.stop();
    suspensions.stop();
    await this.#pass;
    gates.stop();
  }

  #plan(): void {
    const { ended, stops, clock } = this.#options;
    const hasWork = this.#apps.size > 0 || stops.size > 0;
    if (ended.signal.aborted || this.#cancel || this.#pass || !hasWork) return;
    this.#cancel = clock.after(everyMs, () => {
      this.#cancel = undefined;
      this.#pass = this.#look().finally(() => {
        this.#pass = undefined;
        this.#plan();
      });
    });
  }

  async #look(): Promise<void> {
    const { caches, clock, log, gates, stops, ended } = this.#options;
    try {
      const seen = [...this.#apps].flatMap(([key, groups]): SeenGroup[] =>
        groups.map((group) => ({ key, group: groupNow(key, group, caches, clock.now()) })),
      );
      const running = seen.filter(({ group }) => group.regions.some(({ replicas }) => replicas > 0));
      if (running.length > 0 || stops.size > 0) await this.#act(running, await gates.load());
    } catch (error) {
      if (!ended.signal.aborted) log.error({ err: error }, 'machines were not looked at');
    }
  }

  async #act(seen: readonly SeenGroup[], wordsOf: (key: Key) => GateWord[]): Promise<void> {
    const { starts, stops } = this.#options;
    const loaded = seen.map((one): LoadedGroup => ({ ...one, load: groupLoad(one.group.limits, wordsOf(one.key)) }));
    starts.tellWoken(loaded);
    // Until a machine has been stopped, or is not stopped after all, nothing else is decided about its group.
    const free = loaded.filter(({ key, group }) => !stops.has(key, group));
    const stepped = stops.step(loaded);
    const held = new Map<Key, ReadonlyMap<string, Held>>();
    const decided = free.map((one) => this.#decide(one, held));
    this.#held = held;
    await Promise.all([stepped, ...decided]);
  }

  async #decide({ key, group, load }: LoadedGroup, next: Map<Key, ReadonlyMap<string, Held>>): Promise<void> {
    const { starts, stops, clock, stopAfterMs } = this.#options;
    const before = this.#held.get(key) ?? new Map();
    const decision = decide({ group, load, held: before, stopAfterMs, nowMs: clock.monotonic() });
    next.set(key, new Map([...(next.get(key) ?? []), ...decision.held]));
    for (const resume of decision.resumes) await this.#resume(key, group, resume);
    if (decision.start) await starts.start(key, decision.start);
    else for (const stop of decision.stops) await stops.begin(key, group, stop);
  }
  /**
   * What has to run again whatever there is to do. Of all that has the label of the App, also where it is not scaled any
   * more: nobody else would look at it.
   */
  async tend(key: Key, { workloads }: Pick<Planned, 'workloads'>): Promise<void> {
    const { caches, suspensions } = this.#options;
    const observed = workloads.flatMap(({ kind, name }) => workloadOf(key, { kind, workload: name }, caches) ?? []);
    const due = dueMachines(workloads, observed, caches.pods.store.byIndex('app', key));
    for (const { workload, pod, why, cpu } of due) {
      const { name } = pod.metadata;
      const message = resumedMessage(workload.group, workload, name, why);
      await suspensions.resume(key, { name, reason: 'settings', message, cpu });
    }
  }

  async #resume(key: Key, group: Group, { region, machine: { name }, reason }: Resume): Promise<void> {
    const { suspensions, stops } = this.#options;
    if (reason === 'refused') stops.refused(key, region.workload, name, 'its node cannot resize it');
    const why = reason === 'refused' ? 'its CPU cannot be taken away' : 'it got something to do';
    await suspensions.resume(key, { name, reason, message: resumedMessage(group, region, name, why) });
  }
}
