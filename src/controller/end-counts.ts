import type { AppStatus } from '../api/app-status.ts';
import type { ObservedJob } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Family, Labels } from '../exposition.ts';
import type { Key } from '../kube/types.ts';
import { endOf } from '../release/job-end.ts';
import { type Caches, labelledKey, type StoredObject } from './caches.ts';

/** How often something has ended in which way, by the object that it belongs to. */
class Counts<R extends string> {
  readonly #results: readonly R[];
  readonly #counts = new Map<Key, Map<R, number>>();

  constructor(results: readonly R[]) {
    this.#results = results;
  }

  add(key: Key, result: R): void {
    const counts = this.#counts.get(key) ?? new Map<R, number>();
    this.#counts.set(key, counts.set(result, (counts.get(result) ?? 0) + 1));
  }

  forget(key: Key): void {
    this.#counts.delete(key);
  }

  /** Also of what has not ended yet: a rate begins at nothing. */
  samples(key: Key, labels: Labels): (readonly [Labels, number])[] {
    return this.#results.map((result) => [{ ...labels, result }, this.#counts.get(key)?.get(result) ?? 0]);
  }
}

/**
 * Counts releases and runs of Schedules as they end. What ended before this process began, or while it did not see the
 * cluster, is not counted: these are for rates, and what is true now is told by gauges.
 */
export class EndCounts {
  readonly #releases = new Counts(['complete', 'failed'] as const);
  readonly #runs = new Counts(['succeeded', 'failed'] as const);

  watch({ apps, schedules, jobs }: Pick<Caches, 'apps' | 'schedules' | 'jobs'>): void {
    apps.onChange((key, current, previous) => {
      if (!current) return this.#releases.forget(key);
      const [end, before] = [releaseEnd(current), previous && releaseEnd(previous)];
      const isNews = end?.version !== before?.version || end?.phase !== before?.phase;
      if (previous && end && isNews) this.#releases.add(key, end.phase);
    });
    schedules.onChange((key, current) => {
      if (!current) this.#runs.forget(key);
    });
    jobs.onChange((_, current, previous) => {
      const schedule = current && labelledKey(current, label.schedule);
      const result = current && previous && runEnd(current);
      if (schedule && result && !runEnd(previous) && schedules.store.get(schedule)) this.#runs.add(schedule, result);
    });
  }

  families(apps: readonly StoredObject[], schedules: readonly StoredObject[]): Family[] {
    return [
      {
        name: 'airfield_releases_total',
        help: 'Releases that have ended, by how',
        type: 'counter',
        samples: apps.flatMap(({ metadata: { namespace = '', name } }) =>
          this.#releases.samples(`${namespace}/${name}`, { namespace, app: name }),
        ),
      },
      {
        name: 'airfield_schedule_runs_total',
        help: 'Runs of Schedules that have ended, by how',
        type: 'counter',
        samples: schedules.flatMap(({ metadata: { namespace = '', name }, spec }) => {
          const { app = '' } = (spec ?? {}) as { app?: string };
          return this.#runs.samples(`${namespace}/${name}`, { namespace, app, schedule: name });
        }),
      },
    ];
  }
}

function releaseEnd({ status }: StoredObject): { phase: 'complete' | 'failed'; version: number } | undefined {
  const { phase, version } = (status as Partial<AppStatus> | undefined)?.release ?? {};
  return version !== undefined && (phase === 'complete' || phase === 'failed') ? { phase, version } : undefined;
}

function runEnd(job: ObservedJob): 'succeeded' | 'failed' | undefined {
  const end = endOf(job);
  return end && (end.type === 'Complete' ? 'succeeded' : 'failed');
}
