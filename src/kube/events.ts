import { randomBytes } from 'node:crypto';
import type { Client } from './client.ts';
import { type Clock, microTime, systemClock } from './clock.ts';
import { isNotFound, isTerminating } from './errors.ts';
import { type Log, silent } from './log.ts';
import { events } from './resources.ts';
import type { KubeObject, ObjectMeta } from './types.ts';

const forgetAfterMs = 10 * 60_000;
const bumpEveryMs = 3 * 60_000;
const maxSeries = 1000;
const maxPending = 1000;

/** An Event of events.k8s.io/v1. */
export interface KubeEvent {
  apiVersion: 'events.k8s.io/v1';
  kind: 'Event';
  metadata: ObjectMeta;
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  action: string;
  reason: string;
  regarding: Reference;
  note: string;
  type: 'Normal' | 'Warning';
  series?: { count: number; lastObservedTime: string };
}

interface Reference {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  uid?: string;
  resourceVersion?: string;
}

export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  /** Why, in one CamelCase word: `ReleaseFailed`. */
  readonly reason: string;
  /** What happened and what to do, for people; cut at 1024 bytes. Never a secret. */
  readonly message: string;
  /** What was being done, in one CamelCase word. Default: the reason. */
  readonly action?: string;
}

export interface EventRecorderOptions {
  readonly client: Pick<Client, 'create' | 'mergePatch'>;
  /** Who reports, as a qualified name: `airfield.dev/operator`. */
  readonly controller: string;
  /** Which of its processes, such as the pod's name. */
  readonly instance: string;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** One Event and how often it was seen. */
interface Series {
  readonly namespace: string;
  readonly name: string;
  count: number;
  seenAt: number;
  writtenAt: number;
}

/**
 * Writes Events, in the background and in order. What is said again of the same object within 10 minutes counts up the
 * Event that is there, written at most every 3 minutes. Remembers 1000 Events and holds as many waiting writes; what is
 * beyond is dropped. A write that fails is logged.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  /** By what makes two occurrences the same; least recently seen first. */
  readonly #series = new Map<string, Series>();
  #pending = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silent;
  }

  /** Returns at once and never throws. */
  record(object: KubeObject, occurrence: Occurrence): void {
    const id = identify(object, occurrence);
    const now = this.#clock.now();
    const known = this.#series.get(id);
    this.#series.delete(id);
    if (known && now - known.seenAt < forgetAfterMs) {
      this.#series.set(id, known);
      known.count++;
      known.seenAt = now;
      if (now - known.writtenAt >= bumpEveryMs) this.#write(known, () => this.#bump(known, object, occurrence));
      return;
    }
    const name = `${object.metadata.name.slice(0, 230)}.${randomBytes(8).toString('hex')}`;
    const namespace = object.metadata.namespace || 'default';
    const series = { namespace, name, count: 1, seenAt: now, writtenAt: now };
    this.#series.set(id, series);
    if (this.#series.size > maxSeries) this.#series.delete(this.#series.keys().next().value!);
    this.#write(series, () => this.#create(series, object, occurrence));
  }

  /** Resolves when everything recorded so far has been written, or has failed. */
  flush(): Promise<void> {
    return this.#tail;
  }

  #write(series: Series, task: () => Promise<void>): void {
    if (this.#pending >= maxPending) {
      this.#log.warn({ event: series.name }, 'too many Events at once; dropped one');
      return;
    }
    series.writtenAt = this.#clock.now();
    this.#pending++;
    this.#tail = this.#tail
      .then(task)
      .catch((error: unknown) => {
        const level = isTerminating(error) ? 'debug' : 'warn';
        this.#log[level]({ event: series.name, error: (error as Error).message }, 'an Event was not written');
      })
      .finally(() => {
        this.#pending--;
      });
  }

  async #create(series: Series, object: KubeObject, occurrence: Occurrence): Promise<void> {
    const { controller, instance } = this.#options;
    const { type, reason, message, action = reason } = occurrence;
    const event: KubeEvent = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: series.namespace, name: series.name },
      eventTime: microTime(series.seenAt),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      action: action.slice(0, 128),
      reason: reason.slice(0, 128),
      regarding: referenceTo(object),
      note: cut(message, 1024),
      type,
      ...(series.count > 1 ? { series: seen(series) } : {}),
    };
    await this.#options.client.create(events, event);
  }

  async #bump(series: Series, object: KubeObject, occurrence: Occurrence): Promise<void> {
    const { namespace, name } = series;
    try {
      await this.#options.client.mergePatch(events, { namespace, name }, { series: seen(series) });
    } catch (error) {
      // The API server keeps Events for an hour only.
      if (!isNotFound(error)) throw error;
      await this.#create(series, object, occurrence);
    }
  }
}

const seen = ({ count, seenAt }: Series) => ({ count, lastObservedTime: microTime(seenAt) });

function identify({ apiVersion, kind, metadata }: KubeObject, { type, reason, message, action }: Occurrence): string {
  return JSON.stringify([
    apiVersion,
    kind,
    metadata.namespace,
    metadata.name,
    metadata.uid,
    type,
    reason,
    action,
    message,
  ]);
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): Reference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace ? { namespace } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}

/** Cuts to bytes of UTF-8 without leaving half a character. */
function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  return `${new TextDecoder().decode(buffer.subarray(0, bytes - 6)).replace(/\uFFFD+$/, '')}…`;
}
