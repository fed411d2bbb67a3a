import type { ObservedRevision } from './kubernetes.ts';
import { journalAnnotation, label } from './meta.ts';
import { journalSchema, type Release, releaseDataSchema } from './release.ts';

/**
 * The release that a ControllerRevision stores; undefined where it is not one that this version of Airfield can read,
 * which is then left alone.
 */
export function readRelease({ metadata, revision, data }: ObservedRevision): Release | undefined {
  const stored = releaseDataSchema.safeParse(data);
  const journal = journalSchema.safeParse(parsed(metadata.annotations?.[journalAnnotation]));
  if (!stored.success || !journal.success) return undefined;
  return {
    ...stored.data,
    version: revision,
    hash: metadata.labels?.[label.revision] ?? '',
    startedAt: `${metadata.creationTimestamp ?? journal.data.since}`,
    journal: journal.data,
  };
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
