import type { Release, ReleasePhase } from '../api/release.ts';
import { age } from './age.ts';
import { changesOf } from './release-changes.ts';
import { table } from './table.ts';
import type { Paint } from './terminal.ts';

/** A release as it is shown; `--output json` prints it as it is, so fields are only ever added. */
export interface ListedRelease {
  readonly version: number;
  readonly phase: ReleasePhase;
  readonly serves: boolean;
  readonly image: string;
  readonly changes: string;
  readonly startedAt: string;
  /** When its phase began. */
  readonly since: string;
  /** Who wrote the change, as the API server knows them; only of the newest. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly message: string | null;
}

type Writer = { readonly manager?: string; readonly subresource?: string; readonly time?: string };

/** The releases of an App, the newest first. */
export function listReleases(
  releases: readonly Release[],
  { serving, writers = [] }: { readonly serving: number | undefined; readonly writers?: readonly Writer[] | undefined },
): ListedRelease[] {
  const ordered = [...releases].sort((a, b) => a.version - b.version);
  const list = ordered.map((release, index): ListedRelease => {
    const { version, journal, spec, startedAt } = release;
    return {
      version,
      phase: journal.phase,
      serves: version === serving,
      image: spec.image,
      changes: changesOf(release, ordered[index - 1]),
      startedAt,
      since: journal.since,
      by: release === ordered.at(-1) ? (writerAt(writers, startedAt) ?? null) : null,
      reason: journal.reason ?? null,
      message: journal.message ?? null,
    };
  });
  return list.reverse();
}

/** The API server knows the last write of each manager: what was written before a release was made has led to it. */
function writerAt(writers: readonly Writer[], startedAt: string): string | undefined {
  // A release is made within moments, and both times are in whole seconds.
  const until = Date.parse(startedAt) + 5_000;
  const of = writers.filter(({ manager, subresource, time = '' }) => {
    return manager && !subresource && Date.parse(time) <= until;
  });
  return of.sort((a, b) => Date.parse(b.time ?? '') - Date.parse(a.time ?? ''))[0]?.manager;
}

const colours: Partial<Record<ReleasePhase, 'green' | 'red' | 'dim'>> = {
  complete: 'green',
  failed: 'red',
  superseded: 'dim',
};

export function releaseTable(releases: readonly ListedRelease[], paint: Paint, now: Date): string {
  const rows = releases.map(({ version, phase, serves, image, changes, startedAt, by }) => [
    `${version}`,
    paint(colours[phase] ?? 'yellow', serves ? `${phase}, serves` : phase),
    image,
    changes,
    age(startedAt, now),
    by ?? '-',
  ]);
  return table(['RELEASE', 'PHASE', 'IMAGE', 'CHANGES', 'AGE', 'BY'], rows);
}
