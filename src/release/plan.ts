import type { App } from '../api/app.ts';
import type { ObservedJob, ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import { hashOf, type Journal, type Release, type Slot } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import type { MachineCheckRun } from '../desired/machine-check.ts';
import type { Workload } from '../desired/workloads.ts';
import { adopting } from './adoption.ts';
import { commandVerdict } from './command.ts';
import { withFloors } from './floors.ts';
import { deployOf, entry, type History, historyOf, keptReleases } from './history.ts';
import { hasEnded, versionOf } from './job-end.ts';
import { checksToRemove, checksToRun, checksVerdict } from './machine-checks.ts';
import type { AppSecret } from './secrets.ts';
import { isTriedFirst, judgedSet, setsOf, slotOf, workloadsOfSets } from './sets.ts';
import { startsUntil } from './starting.ts';
import { asServed, servicesInTraffic } from './traffic.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What the cluster has of an App's releases. */
export interface ReleaseObserved {
  /** By version. */
  readonly releases: readonly Release[];
  readonly workloads: readonly ObservedWorkload[];
  /** The Job of the release command. */
  readonly job: ObservedJob | undefined;
  /** The Jobs of machine checks. */
  readonly checks: readonly ObservedJob[];
  readonly pods: readonly ObservedPod[];
  /** The Secrets of the App that there are values of, by name; undefined while it cannot be said which: then nothing new is released. */
  readonly secrets: readonly AppSecret[] | undefined;
}

/** What to do next about the releases of an App, and all that its status says of them. */
export interface ReleasePlan {
  /** What the App asks for. */
  readonly current: Release;
  /** The last one that was complete; `current` itself once it is. */
  readonly serving: Release | undefined;
  /** All that are kept, by version, with their journals as of now. */
  readonly releases: readonly Release[];
  /** All machines that there should be, of whichever release; `scale.min` is what must run at the moment. */
  readonly workloads: readonly Workload[];
  /** Which machines get the traffic, and through which ports. */
  readonly slot: Slot;
  readonly services: readonly AppService[];
  /** What is to be done about the Job of the release command. */
  readonly command: 'run' | 'keep' | 'remove';
  /** The machine checks to begin, and the Jobs of those that are over. */
  readonly checks: { readonly run: readonly MachineCheckRun[]; readonly remove: readonly ObservedJob[] };
  /** When the plan changes by time alone. */
  readonly until: Date | undefined;
}

/**
 * The next step of an App's releases, from what the cluster has and nothing else, so that an operator that comes in
 * between, or for the second time, goes on where the last one stopped. A phase is written into the journal of its release
 * before anything is done about it.
 */
export function planOf(app: App, observed: ReleaseObserved, now: Date): ReleasePlan {
  const history = historyOf(app, observed, now);
  const { current, until } = advance(app, history, observed, now);
  const releases = history.releases.map((release) => (release === history.current ? current : release));
  const serving = current.journal.phase === 'complete' ? current : history.serving;
  const proof = { app, current, serving, observed: observed.workloads };
  const wanted = withFloors(workloadsOfSets(app, setsOf(app, current, serving)), proof);
  const services = servicesInTraffic(app, current, serving);
  const workloads = wanted.map((workload) => adopting(asServed(workload, services), observed));
  const mayStart = current.journal.phase === 'complete' && workloads.some(({ scale }) => scale);
  return {
    current,
    serving,
    releases: keptReleases(app, { releases, serving }),
    workloads,
    slot: (serving ?? current).journal.slot,
    services,
    command: commandAction(current, observed.job),
    checks: checksOf(app, { current, serving }, observed, now),
    until: mayStart ? startsUntil({ ...observed, ...app.spec.deploy, now }) : until,
  };
}

/** The release that is judged, and the one that serves meanwhile. */
type Judged = Pick<History, 'current' | 'serving'>;

/** Takes the current release through as many phases as what is observed allows. */
function advance(app: App, { current: first, serving }: History, observed: ReleaseObserved, now: Date) {
  let current = first;
  for (;;) {
    const verdict = judge(app, { current, serving }, observed, now);
    if (verdict?.outcome === 'waiting') return { current, until: verdict.until };
    if (!verdict) return { current, until: undefined };
    const journal = next(app, { current, serving }, verdict, now);
    if (journal.phase === current.journal.phase) return { current, until: undefined };
    current = { ...current, journal };
  }
}

/** Undefined where nothing is left to be decided. */
function judge(app: App, judged: Judged, observed: ReleaseObserved, now: Date): Verdict | undefined {
  const release = judged.current;
  const { phase, failedIn } = release.journal;
  const step = stepOf(app, judged, observed, now);
  if (phase === 'command') {
    if (!release.deploy.releaseCommand || release.rollbackOf !== undefined) return { outcome: 'done' };
    return commandVerdict(step);
  }
  // A release that failed late and was left in place may still come to its end.
  const isOpen = phase === 'canary' || phase === 'rollout' || (phase === 'failed' && failedIn === 'rollout');
  if (!isOpen) return undefined;
  const verdict = verdictOf(step);
  return verdict.outcome === 'done' && phase === 'canary' ? checksVerdict(step) : verdict;
}

/** All that the steps of a release are judged by. */
function stepOf(app: App, { current, serving }: Judged, observed: ReleaseObserved, now: Date) {
  const { job, checks, pods, workloads } = observed;
  const { waitTimeout } = app.spec.deploy;
  const proof = { app, current, serving, observed: workloads };
  const judged = withFloors(workloadsOfSets(app, [judgedSet(current)]), proof);
  return { release: current, job, checks, pods, observed: workloads, workloads: judged, waitTimeout, now };
}

function checksOf(app: App, judged: Judged, observed: ReleaseObserved, now: Date): ReleasePlan['checks'] {
  const { current } = judged;
  const run = current.journal.phase === 'canary' ? checksToRun(stepOf(app, judged, observed, now)) : [];
  return { run, remove: checksToRemove(current, observed.checks) };
}

function next(app: App, { current: release, serving }: Judged, verdict: Verdict, now: Date): Journal {
  const { journal, deploy } = release;
  if (verdict.outcome === 'failed') {
    const { reason, message } = verdict;
    const failedWith = hashOf(deployOf(app));
    return { ...entry('failed', now), slot: journal.slot, failedIn: journal.phase, failedWith, reason, message };
  }
  if (journal.phase === 'command') {
    const phase = isTriedFirst(release, serving) ? 'canary' : 'rollout';
    return { ...entry(phase, now), slot: slotOf(release, serving) };
  }
  const isWhole = journal.phase !== 'canary' || deploy.strategy === 'bluegreen';
  return { ...entry(isWhole ? 'complete' : 'rollout', now), slot: journal.slot };
}

/** A Job that has ended is kept, for its logs, until another one is needed. */
function commandAction({ journal, version }: Release, job: ObservedJob | undefined): ReleasePlan['command'] {
  if (journal.phase !== 'command') return job && hasEnded(job) ? 'keep' : 'remove';
  if (!job) return 'run';
  return versionOf(job) === version ? 'keep' : 'remove';
}
