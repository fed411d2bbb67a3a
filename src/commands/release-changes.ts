import { isDeepStrictEqual } from 'node:util';
import type { Release, ReleaseSpec } from '../api/release.ts';

/** What makes a release another one than that before it, in a few words; never a value. */
export function changesOf(release: Release, before: Release | undefined): string {
  if (release.rollbackOf !== undefined) return `again ${release.rollbackOf}`;
  if (!before) return 'first kept';
  const changes = changedFields(before.spec, release.spec);
  return changes.join('; ') || 'tried again';
}

function changedFields(before: ReleaseSpec, after: ReleaseSpec): string[] {
  const changes: string[] = [];
  if (before.image !== after.image) changes.push('image');
  changes.push(...keysOf('env', before.env, after.env));
  changes.push(...keysOf('secrets', secretsOf(before), secretsOf(after)));
  if (before.restartedAt !== after.restartedAt && after.restartedAt) changes.push('restart');
  const told = ['image', 'env', 'secrets', 'restartedAt'];
  const others = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !told.includes(key));
  const field = (spec: ReleaseSpec, key: string) => (spec as unknown as Record<string, unknown>)[key];
  return [...changes, ...others.filter((key) => !isDeepStrictEqual(field(before, key), field(after, key)))];
}

const secretsOf = ({ secrets }: ReleaseSpec) => Object.fromEntries(secrets.map(({ name, digest }) => [name, digest]));

/** `env +NEW -OLD CHANGED` */
function keysOf(what: string, before: Record<string, string>, after: Record<string, string>): string[] {
  const added = Object.keys(after).filter((key) => !(key in before));
  const gone = Object.keys(before).filter((key) => !(key in after));
  const other = Object.keys(after).filter((key) => key in before && before[key] !== after[key]);
  const words = [...other, ...added.map((key) => `+${key}`), ...gone.map((key) => `-${key}`)];
  if (words.length === 0) return [];
  return [
    `${what} ${words.length > 4 ? `${words.slice(0, 4).join(' ')} and ${words.length - 4} more` : words.join(' ')}`,
  ];
}
