import type { App } from '../api/app.ts';
import { readApp } from '../api/read-app.ts';
import type { Release } from '../api/release.ts';
import type { Caches } from './caches.ts';
import { releasesOf } from './releases.ts';

/** An App as its Machines and Schedules follow it. */
export interface Released {
  readonly app: App;
  /** The release that serves; while none has been complete yet, the newest. Undefined while there is none at all. */
  readonly release: Release | undefined;
}

/** The App of that name with the release that is current; undefined where there is no such App. */
export function releasedApp(caches: Caches, namespace: string, name: string): Released | undefined {
  const stored = caches.apps.store.get(`${namespace}/${name}`);
  if (!stored || stored.metadata.deletionTimestamp) return undefined;
  const releases = releasesOf(stored, caches);
  const release = releases.findLast(({ journal }) => journal.phase === 'complete') ?? releases.at(-1);
  return { app: readApp(stored).app, release };
}
