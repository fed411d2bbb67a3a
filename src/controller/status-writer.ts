import { isDeepStrictEqual } from 'node:util';
import type { AppStatus } from '../api/app-status.ts';
import { manager } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { StoredApp } from './caches.ts';
import { apps } from './resources.ts';

/** Writes the status of an App where it differs, and tells of a change of `Ready` by an Event. */
export class StatusWriter {
  readonly #client: Client;
  readonly #events: EventRecorder;

  constructor({ client, events }: { client: Client; events: EventRecorder }) {
    this.#client = client;
    this.#events = events;
  }

  async write(stored: StoredApp, status: AppStatus, signal?: AbortSignal): Promise<void> {
    if (isDeepStrictEqual(stored.status, JSON.parse(JSON.stringify(status)))) return;
    const { apiVersion, kind, metadata } = stored;
    const { name, namespace } = metadata;
    try {
      const object = { apiVersion, kind, metadata: { name, namespace }, status };
      await this.#client.apply(apps, object, { fieldManager: manager, subresource: 'status', force: true, signal });
    } catch (error) {
      // Deleted in the meantime: nobody is left to be told.
      if (isNotFound(error)) return;
      throw error;
    }
    this.#tell(stored, status);
  }

  #tell(stored: StoredApp, status: AppStatus): void {
    const before = readyOf(stored.status as AppStatus | undefined);
    const after = readyOf(status);
    if (!after || (before?.status === after.status && before.reason === after.reason)) return;
    const type = after.status === 'False' ? 'Warning' : 'Normal';
    this.#events.record(stored, { type, reason: after.reason, message: after.message, action: 'Reconcile' });
  }
}

function readyOf(status: AppStatus | undefined) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}
