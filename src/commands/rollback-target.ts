import type { Release } from '../api/release.ts';

/** The version to go back to, or why there is none. */
export type Target = { readonly version: number } | { readonly problem: string } | { readonly nothingToDo: string };

/**
 * Where going back leads: to the version that is asked for, else to the last one that was complete and is another than
 * what serves. Where the newest has failed and the one before it serves, that has happened already.
 */
export function rollbackTarget(releases: readonly Release[], asked: number | undefined): Target {
  const complete = releases.filter(({ journal }) => journal.phase === 'complete');
  const serving = complete.at(-1);
  if (asked !== undefined) {
    if (releases.some(({ version }) => version === asked)) return { version: asked };
    const there = releases.map(({ version }) => version).join(', ') || 'none';
    return { problem: `there is no release ${asked} any more; there is ${there}` };
  }
  if (!serving) return { problem: 'no release was complete yet, so there is none to go back to' };
  const newest = releases.at(-1);
  if (newest?.journal.phase === 'failed' && newest.deploy.autoRollback)
    return { nothingToDo: `release ${newest.version} failed, and release ${serving.version} serves again already` };
  const before = newest === serving ? complete.findLast(({ hash }) => hash !== serving.hash) : serving;
  if (before) return { version: before.version };
  return { problem: `release ${serving.version} is the only one that is kept, so there is none to go back to` };
}
