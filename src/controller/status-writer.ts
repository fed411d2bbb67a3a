import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../api/conditions.ts';
import { manager } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { StoredObject } from './caches.ts';
import { ownResourceOf } from './resources.ts';

/** What the status of every kind has. */
interface Status {
  readonly conditions?: readonly Condition[] | undefined;
}

/** Writes the status of an object where it differs, and tells by an Event how it came out: when `Ready` becomes true or false. */
export class StatusWriter {
  readonly #client: Client;
  readonly #events: EventRecorder;
  /** What the cache had when a status was written over it. */
  readonly #outdated = new WeakSet<StoredObject>();

  constructor({ client, events }: { client: Client; events: EventRecorder }) {
    this.#client = client;
    this.#events = events;
  }

  /**
   * Whether a status has been written over this very object. What is decided from it would be decided from the status
   * before, and the status be written again; the cache is about to tell of the new one.
   */
  isBehind(stored: StoredObject): boolean {
    return this.#outdated.has(stored);
  }

  /** Gives back the object as it was written; undefined where nothing had to be. */
  async write(stored: StoredObject, status: Status, signal?: AbortSignal): Promise<StoredObject | undefined> {
    if (isDeepStrictEqual(stored.status, JSON.parse(JSON.stringify(status)))) return undefined;
    const { apiVersion, kind, metadata } = stored;
    const { name, namespace } = metadata;
    try {
      const object = { apiVersion, kind, metadata: { name, namespace }, status };
      const written = await this.#client.apply(ownResourceOf(stored), object as StoredObject, {
        fieldManager: manager,
        subresource: 'status',
        force: true,
        signal,
      });
      if (written.metadata.resourceVersion !== stored.metadata.resourceVersion) this.#outdated.add(stored);
      this.#tell(stored, status);
      return written;
    } catch (error) {
      // Deleted in the meantime: nobody is left to be told.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #tell(stored: StoredObject, status: Status): void {
    const before = readyOf(stored.status as Status | undefined);
    const after = readyOf(status);
    if (!after || after.status === 'Unknown' || (before?.status === after.status && before.reason === after.reason))
      return;
    const type = after.status === 'False' ? 'Warning' : 'Normal';
    this.#events.record(stored, { type, reason: after.reason, message: after.message, action: 'Reconcile' });
  }
}

function readyOf(status: Status | undefined) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}
