import type { ObservedPod } from '../api/kubernetes.ts';
import { label, suspendedAnnotation } from '../api/meta.ts';
import type { Clock } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/log.ts';
import type { Key } from '../kube/types.ts';
import type { Metrics } from '../metrics.ts';
import { resumedMessage } from '../scaling/resume.ts';
import { type Cpu, readSuspended } from '../suspend/annotation.ts';
import { type PodResizer, resumePod, type SuspendOutcome, suspendPod } from '../suspend/pods.ts';
import type { Caches } from './caches.ts';
import { Rests } from './rests.ts';

export interface SuspensionsOptions {
  readonly client: PodResizer;
  readonly caches: Pick<Caches, 'apps' | 'pods'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: Pick<Metrics, 'autoscalerResumes'>;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** `soft_limit`: the others have enough to do. `request`: it got something. `settings`: what the App asks for. */
export type ResumeReason = 'soft_limit' | 'request' | 'settings' | 'refused';

/** Which machine of an App, and what is said of it. */
export interface ToResume {
  readonly name: string;
  readonly reason: ResumeReason;
  readonly message: string;
  /** What it is to have where its annotation does not say it. */
  readonly cpu?: Cpu | undefined;
}

/** Takes machines their CPU, gives it back, and tells of those that gates have resumed. */
export class Suspensions {
  readonly #options: SuspensionsOptions;
  /** Pods of which this operator takes the annotation away itself, by `uid`. */
  readonly #own = new Set<string>();
  readonly #underWay = new Set<string>();
  readonly #rests: Rests;
  #stopWatching: (() => void) | undefined;

  constructor(options: SuspensionsOptions) {
    this.#options = options;
    this.#rests = new Rests(options.clock);
  }

  /** From now on it is told who is resumed. */
  watch(): void {
    this.#stopWatching ??= this.#options.caches.pods.onChange((_, current, previous) =>
      this.#changed(current, previous),
    );
  }

  stop(): void {
    this.#stopWatching?.();
  }

  /** Throws where it is not known what has become of it. */
  async suspend(key: Key, name: string): Promise<SuspendOutcome> {
    const { client, clock, signal } = this.#options;
    const pod = this.#pod(key, name);
    const uid = pod?.metadata.uid;
    if (!pod || !uid) return 'overtaken';
    this.#own.add(uid);
    const since = new Date(clock.now());
    const outcome = await suspendPod(client, { ...place(key, name), uid }, pod, { since, signal });
    if (outcome === 'suspended') this.#own.delete(uid);
    return outcome;
  }

  /** What fails is tried again after a minute, where it is still asked for. */
  async resume(key: Key, asked: ToResume): Promise<void> {
    const { client, log, signal } = this.#options;
    const pod = this.#pod(key, asked.name);
    const uid = pod?.metadata.uid;
    if (!pod || !uid || this.#rests.has(uid) || this.#underWay.has(uid)) return;
    const annotation = pod.metadata.annotations?.[suspendedAnnotation];
    if (annotation !== undefined) this.#own.add(uid);
    this.#underWay.add(uid);
    try {
      const cpu = asked.cpu ?? readSuspended(annotation ?? '')?.cpu ?? {};
      await resumePod(client, { ...place(key, asked.name), uid }, cpu, signal);
      this.#tell(key, asked);
    } catch (error) {
      this.#own.delete(uid);
      if (signal.aborted) return;
      this.#rests.begin(uid);
      log.warn({ app: key, machine: asked.name, error: (error as Error).message }, 'a machine was not resumed');
    } finally {
      this.#underWay.delete(uid);
    }
  }

  #changed(current: ObservedPod | undefined, previous: ObservedPod | undefined): void {
    const isSuspended = (pod: ObservedPod | undefined) =>
      pod?.metadata.annotations?.[suspendedAnnotation] !== undefined;
    const {
      uid = '',
      name,
      namespace,
      labels = {},
      deletionTimestamp,
    } = (current ?? previous)?.metadata ?? { name: '' };
    if (!isSuspended(previous) || isSuspended(current)) return;
    if (this.#own.delete(uid) || !current || deletionTimestamp) return;
    const group = { name: labels[label.process] ?? '' };
    const message = resumedMessage(group, { region: labels[label.region] }, name, 'a request waited for it');
    this.#tell(`${namespace}/${labels[label.app]}`, { name, reason: 'request', message });
  }

  #tell(key: Key, { reason, message }: ToResume): void {
    const { caches, events, log, metrics } = this.#options;
    metrics.autoscalerResumes.inc({ reason });
    log.info({ app: key }, message);
    const app = caches.apps.store.get(key);
    if (app) events.record(app, { type: 'Normal', reason: 'Resumed', message, action: 'Scale' });
  }

  #pod(key: Key, name: string) {
    return this.#options.caches.pods.store.get(`${place(key, name).namespace}/${name}`);
  }
}

const place = (key: Key, name: string) => ({ namespace: key.slice(0, key.indexOf('/')), name });
