import { isDeepStrictEqual } from 'node:util';
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
    ...sharedWith(data, stored.data),
    version: revision,
    hash: metadata.labels?.[label.revision] ?? '',
    startedAt: `${metadata.creationTimestamp ?? journal.data.since}`,
    journal: journal.data,
  };
}

/** `made` with the parts of `data` where these say the same: both are kept for as long as the release is. */
function sharedWith<T>(data: unknown, made: T): T {
  if (isDeepStrictEqual(data, made)) return data as T;
  if (!isObject(data) || !isObject(made)) return made;
  const fields = Object.entries(made).map(([name, value]) => [name, sharedWith(data[name], value)]);
  return Object.fromEntries(fields) as T;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
