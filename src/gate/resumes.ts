import { suspendedAnnotation } from '../api/meta.ts';
import { type Clock, sleep, systemClock } from '../kube/clock.ts';
import { readSuspended } from '../suspend/annotation.ts';
import { pauseAfter } from './machine-starter.ts';
import type { GatePod } from './pod-machines.ts';

export interface ResumesOptions {
  /** Gives a pod its CPU back and says that it is not suspended any more. */
  readonly resume: (pod: GatePod, cpu: NonNullable<ReturnType<typeof readSuspended>>['cpu']) => Promise<void>;
  /** From now on a machine serves. */
  readonly onBegin: (pod: GatePod) => void;
  /** What became of an attempt. */
  readonly onTried: (pod: GatePod, error: Error | undefined) => void;
  readonly clock?: Clock;
}

/** Who waits is answered first: what gives the machine its CPU back has work for the same nodes. */
const answerFirstMs = 20;

/**
 * Machines that this gate resumes: they serve at once, for they are up, while they get their CPU back. Each goes on until
 * its pod says that it is not suspended any more.
 */
export class Resumes {
  readonly #options: ResumesOptions;
  readonly #clock: Clock;
  /** By `uid` of the pod; what it said when it was suspended, so that the next time is another one. */
  readonly #underWay = new Map<string, { readonly said: string; readonly rest: AbortController }>();
  readonly #stopping = new AbortController();

  constructor(options: ResumesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  has(pod: GatePod): boolean {
    return this.#underWay.get(pod.metadata.uid ?? '')?.said === saidBy(pod);
  }

  begin(pod: GatePod): void {
    if (this.has(pod) || this.#stopping.signal.aborted) return;
    const said = saidBy(pod) ?? '';
    const entry = { said, rest: new AbortController() };
    this.#underWay.set(pod.metadata.uid ?? '', entry);
    this.#options.onBegin(pod);
    void this.#run(pod, said, AbortSignal.any([this.#stopping.signal, entry.rest.signal]));
  }

  /** The pod has changed, or is gone. */
  seen(current: GatePod | undefined, previous: GatePod | undefined): void {
    const uid = previous?.metadata.uid ?? '';
    const entry = this.#underWay.get(uid);
    if (!entry || (current?.metadata.uid === uid && saidBy(current) === entry.said)) return;
    entry.rest.abort();
    this.#underWay.delete(uid);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(pod: GatePod, said: string, signal: AbortSignal): Promise<void> {
    await sleep(this.#clock, answerFirstMs, signal);
    for (let attempts = 1; !signal.aborted; attempts++) {
      const error = await this.#try(pod, said);
      this.#options.onTried(pod, error);
      if (!error) return;
      await sleep(this.#clock, pauseAfter(attempts), signal);
    }
  }

  /** Where nothing can be read it is at least not suspended any more: the operator sees to its CPU. */
  async #try(pod: GatePod, said: string): Promise<Error | undefined> {
    try {
      await this.#options.resume(pod, readSuspended(said)?.cpu ?? {});
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

const saidBy = ({ metadata }: GatePod) => metadata.annotations?.[suspendedAnnotation];
