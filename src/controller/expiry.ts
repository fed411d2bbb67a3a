import type { App } from '../api/app.ts';
import type { AppStatus } from '../api/app-status.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Informer } from '../kube/informer.ts';
import type { Store } from '../kube/store.ts';
import { expiryWarning, warnedBeforeMs, withExpiry } from '../status/expiry.ts';
import type { StoredObject } from './caches.ts';
import type { Controller, Outcome, Reconcile } from './controller.ts';
import { isRefused } from './refused.ts';
import { apps as appKind } from './resources.ts';
import type { StatusWriter } from './status-writer.ts';

type Events = Pick<EventRecorder, 'record'>;

export interface ExpiryOptions {
  readonly client: Pick<Client, 'delete'>;
  readonly apps: Pick<Store<StoredObject>, 'get'>;
  readonly events: Events;
  /** Asks for a new status of the App: it begins to expire. */
  readonly onSoon: (key: string) => void;
  readonly now?: () => Date;
}

/** How soon to try again to delete an App that the cluster does not let go. */
const refusedMs = 10 * 60_000;

/**
 * Deletes Apps whose time is over, with all that they have. It goes by the status alone, and of the generation that there
 * is: what has been changed since is looked at anew first. So it works however the App is, stalled ones too.
 */
export function expiryReconciler({ client, apps, events, onSoon, now = () => new Date() }: ExpiryOptions): Reconcile {
  return async (key, { signal }): Promise<Outcome | undefined> => {
    const stored = apps.get(key);
    const expiresAt = stored && endOf(stored);
    if (!stored || expiresAt === undefined) return undefined;
    const leftMs = expiresAt - now().getTime();
    if (leftMs > warnedBeforeMs) return { requeueAfterMs: leftMs - warnedBeforeMs };
    if (leftMs > 0) {
      onSoon(key);
      return { requeueAfterMs: leftMs };
    }
    // A change that has not been seen yet is a Conflict, and gives the App its time anew.
    const { uid, resourceVersion } = stored.metadata;
    const only = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    try {
      await client.delete(appKind, stored.metadata, { ...only, propagationPolicy: 'Background', signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isRefused(error)) throw error;
      const message = `the time of the App is over, but it cannot be deleted: ${(error as Error).message}`;
      events.record(stored, { type: 'Warning', reason: 'NotExpired', message, action: 'Expire' });
      return { requeueAfterMs: refusedMs };
    }
    return undefined;
  };
}

/** In milliseconds since 1970; undefined where the App has no end, or is not known as it is now. */
function endOf({ metadata, status, spec }: StoredObject): number | undefined {
  const { expiresAt, observedGeneration } = (status ?? {}) as Partial<AppStatus>;
  const isWanted = (spec as Partial<App['spec']> | undefined)?.expiresAfter !== undefined;
  if (metadata.deletionTimestamp || !isWanted || !expiresAt) return undefined;
  return observedGeneration === metadata.generation ? Date.parse(expiresAt) : undefined;
}

/** Looks at an App when its end becomes known, or another one. */
export function wakeExpiry(apps: Informer<StoredObject>, expiry: Pick<Controller, 'enqueue'>): void {
  apps.onChange((key, current, previous) => {
    const [end, before] = [current, previous].map((app) => app && endOf(app));
    if (end !== undefined && end !== before) expiry.enqueue(key);
  });
}

/** Writes statuses of an App with its end, and warns once when that is near. */
export function expiringStatus(
  status: Pick<StatusWriter, 'write'>,
  events: Events,
  app: App,
  now: Date,
): Pick<StatusWriter, 'write'> {
  return {
    async write(stored, told, signal) {
      const whole = withExpiry(app, told as AppStatus, now);
      const written = await status.write(stored, whole, signal);
      const warning = written && expiryWarning(app.status, whole);
      if (warning)
        events.record(stored, { type: 'Warning', reason: 'ExpiresSoon', message: warning, action: 'Expire' });
      return written;
    },
  };
}
