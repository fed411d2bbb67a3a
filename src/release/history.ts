import { isDeepStrictEqual } from 'node:util';
import type { App } from '../api/app.ts';
import { hashOf, type Journal, type Release, releaseSpecOf } from '../api/release.ts';
import { type AppSecret, secretsOf, secretsThatAsk } from './secrets.ts';

/** Releases that are kept, beside the one that serves and the one that is rolled back to. */
export const kept = 10;

/** The releases of an App, by version, and which of them it should come to. */
export interface History {
  readonly releases: readonly Release[];
  /** What the App asks for: on its way, complete, or failed. */
  readonly current: Release;
  /** The last one that was complete: its machines serve until `current` is. */
  readonly serving: Release | undefined;
}

/** What a release is made of, before it has a number. */
type Wanted = Pick<Release, 'hash' | 'spec' | 'services' | 'mounts' | 'scale' | 'rollbackOf'>;

/**
 * What the App asks for as a release: the one that serves, where that is the same, or the newest, where it is about the
 * same machines; else a new one, which takes the place of one that is on its way.
 */
export function historyOf(
  app: App,
  { releases, secrets }: { readonly releases: readonly Release[]; readonly secrets: readonly AppSecret[] | undefined },
  now: Date,
): History {
  if (!secrets) return historyAsItIs(releases);
  const wanted = wantedOf(app, releases, secrets);
  const isStaged = secrets.some(({ staged }) => staged);
  const asksFor = ({ hash, spec }: Release) =>
    hash === (isStaged ? hashOf({ ...wanted.spec, secrets: secretsThatAsk(secrets, spec.secrets) }) : wanted.hash);
  const serving = releases.findLast(({ journal }) => journal.phase === 'complete');
  const latest = releases.at(-1);
  if (latest && serving && asksFor(serving)) {
    return { releases: latest === serving ? releases : superseded(releases, now), current: serving, serving };
  }
  if (latest && latest.journal.phase !== 'superseded' && asksFor(latest) && !isAskedAgain(app, wanted, latest)) {
    return { releases, current: latest, serving };
  }
  const current = newRelease(app, wanted, (latest?.version ?? 0) + 1, now);
  return { releases: [...superseded(releases, now), current], current, serving };
}

/** What was being done is done on. Throws an Error where there is no release yet. */
function historyAsItIs(releases: readonly Release[]): History {
  const latest = releases.at(-1);
  if (!latest) throw new Error('there is no release to go on with');
  const serving = releases.findLast(({ journal }) => journal.phase === 'complete');
  const isGivenUp = latest.journal.phase === 'superseded';
  return { releases, current: isGivenUp && serving ? serving : latest, serving };
}

/** Why `deploy.rollbackTo` cannot be followed; undefined where it can, or is not there. */
export function rollbackProblem({ spec }: Pick<App, 'spec'>, releases: readonly Release[]): string | undefined {
  const { rollbackTo } = spec.deploy;
  if (rollbackTo === undefined || releases.some(({ version }) => version === rollbackTo)) return undefined;
  const versions = releases.map(({ version }) => version).join(', ');
  return `spec.deploy.rollbackTo: there is no release ${rollbackTo} any more; ${versions ? `there are ${versions}` : 'there is none yet'}`;
}

/** The releases that are kept: the last ones, the one that serves, and the one that the App is pinned to. */
export function keptReleases({ spec }: Pick<App, 'spec'>, { releases, serving }: Omit<History, 'current'>): Release[] {
  const oldest = releases.length - kept;
  return releases.filter(
    (release, index) => index >= oldest || release === serving || release.version === spec.deploy.rollbackTo,
  );
}

/** Journals count in whole seconds, as Kubernetes does. */
export function entry(phase: Journal['phase'], now: Date): Pick<Journal, 'phase' | 'since'> {
  return { phase, since: `${now.toISOString().slice(0, 19)}Z` };
}

/** What is rolled back to has the secrets of today: those of then may not open anything any more, as on Fly. */
function wantedOf(app: App, releases: readonly Release[], current: readonly AppSecret[]): Wanted {
  const secrets = secretsOf(current);
  const { rollbackTo } = app.spec.deploy;
  const source = releases.find(({ version }) => version === rollbackTo);
  if (source) {
    const { version, services, mounts, scale } = source;
    const spec = { ...source.spec, secrets };
    return { hash: hashOf(spec), spec, services, mounts, scale, rollbackOf: version };
  }
  const spec = releaseSpecOf(app, secrets);
  const { services, mounts } = app.spec;
  return { hash: hashOf(spec), spec, services, mounts, scale: scaleOf(app) };
}

/**
 * Whether a release that is not complete should be tried again though its machines are the same: its command or its
 * machine checks are others, or it has failed and anything about how it goes out has changed.
 */
function isAskedAgain(app: App, wanted: Wanted, { journal, deploy, services }: Release): boolean {
  if (journal.phase === 'complete') return false;
  if (!isDeepStrictEqual(machineChecksIn(wanted.services), machineChecksIn(services))) return true;
  const today = deployOf(app);
  if (journal.phase === 'failed') return hashOf(today) !== (journal.failedWith ?? hashOf(deploy));
  const commandOf = ({ releaseCommand, releaseCommandTimeout, releaseCommandVm }: typeof deploy) => [
    releaseCommand,
    releaseCommandTimeout,
    releaseCommandVm,
  ];
  return !isDeepStrictEqual(commandOf(today), commandOf(deploy));
}

/** How a release of the App as it is now would go out. */
export function deployOf({ spec }: App): Release['deploy'] {
  const { rollbackTo: _, ...deploy } = spec.deploy;
  return deploy;
}

const machineChecksIn = (services: Release['services']) => services.map(({ machineChecks = [] }) => machineChecks);

function newRelease(app: App, wanted: Wanted, version: number, now: Date): Release {
  const deploy = deployOf(app);
  const { since } = entry('command', now);
  const journal: Journal = { phase: 'command', since, slot: 'blue' };
  return { ...wanted, version, deploy, startedAt: since, journal };
}

function scaleOf({ spec }: App): Release['scale'] {
  return (spec.processes ?? []).map(({ name, count, regions }) => ({
    name,
    ...(count !== undefined && { count }),
    ...(regions && { regions }),
  }));
}

/** What is on its way or has failed is given up, so that asking for it again is a new release. */
function superseded(releases: readonly Release[], now: Date): readonly Release[] {
  const latest = releases.at(-1);
  if (!latest || latest.journal.phase === 'complete' || latest.journal.phase === 'superseded') return releases;
  const journal = { ...latest.journal, ...entry('superseded', now) };
  return [...releases.slice(0, -1), { ...latest, journal }];
}
