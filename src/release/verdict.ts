import { seconds } from '../api/duration.ts';
import type { ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import { steadySeconds } from '../desired/deployment.ts';
import { isReady } from '../desired/ready.ts';
import type { Workload } from '../desired/workloads.ts';
import { firstTrouble, whyNotReady } from './machine-trouble.ts';
import { type Rollout, rolloutIn } from './rollout.ts';

/** What became of a step of a release. */
export type Verdict =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly reason: string; readonly message: string }
  /** Undecided; at `until` it is decided by time alone, without one by what happens. */
  | { readonly outcome: 'waiting'; readonly until: Date | undefined };

export interface Step {
  readonly release: Release;
  /** The workloads whose machines have to become ready. */
  readonly workloads: readonly Workload[];
  readonly observed: readonly ObservedWorkload[];
  readonly pods: readonly ObservedPod[];
  readonly waitTimeout: string;
  readonly now: Date;
}

/**
 * Whether the machines of a step are ready. As on Fly, `waitTimeout` is the time of each machine: it begins anew
 * whenever one becomes ready. So that a machine that comes and goes cannot hold a release for ever, the whole step has
 * that time once for each of its machines.
 */
export function verdictOf(step: Step): Verdict {
  const seen = step.workloads.map((workload): Seen => ({ workload, rollout: rolloutIn(step.observed, workload) }));
  if (seen.every((one) => isRolledOut(one, step))) return { outcome: 'done' };
  const hasFailed = seen.some(({ rollout }) => rollout.failed > 0);
  const deadline = deadlineOf(step);
  if (hasFailed || deadline <= step.now) return { outcome: 'failed', ...reasonOf(step) };
  const steady = seen
    .flatMap(({ workload }) => steadyTimes(workload, step))
    .filter((time) => time > step.now.getTime());
  return { outcome: 'waiting', until: new Date(Math.min(deadline.getTime(), ...steady)) };
}

/** The machines of a release among all pods of its App. */
export function podsOf(pods: readonly ObservedPod[], { version }: Pick<Release, 'version'>): ObservedPod[] {
  return pods.filter(
    ({ metadata }) =>
      metadata.labels?.[label.release] === `${version}` && metadata.labels[label.workload] !== undefined,
  );
}

interface Seen {
  readonly workload: Workload;
  readonly rollout: Rollout;
}

/** What is in the status of a Job is a second old, so its machines are asked themselves whether they run. */
function isRolledOut({ workload, rollout }: Seen, step: Step): boolean {
  if (rollout.version !== step.release.version) return false;
  // Nothing is proved by machines that do not run.
  const needed = workload.scale?.min ?? workload.count;
  if (workload.kind !== 'Job') return rollout.done && rollout.desired >= needed;
  const steady = steadyTimes(workload, step).filter((time) => time <= step.now.getTime());
  return rollout.failed === 0 && steady.length >= rollout.desired;
}

/** When the machines of a Job that run now have, or will have, run for long enough to count. */
function steadyTimes({ kind, name }: Workload, { release, pods }: Step): number[] {
  if (kind !== 'Job') return [];
  const mine = podsOf(pods, release).filter(({ metadata }) => metadata.labels?.[label.workload] === name);
  return mine.filter(isReady).map((pod) => readySince(pod) + steadySeconds * 1000);
}

function deadlineOf({ release, workloads, pods, waitTimeout }: Step): Date {
  const wait = seconds(waitTimeout) * 1000;
  const since = Date.parse(release.journal.since);
  const machines = workloads.reduce((sum, { count }) => sum + count, 0);
  const lastReady = Math.max(since, ...podsOf(pods, release).map(readySince));
  return new Date(Math.min(lastReady + wait, since + wait * Math.max(1, machines)));
}

/** When a machine became ready, in milliseconds; 0 where it is not. */
export function readySince({ status }: ObservedPod): number {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? Date.parse(`${ready.lastTransitionTime}`) : 0;
}

function reasonOf({ release, pods, waitTimeout }: Step): { reason: string; message: string } {
  const mine = podsOf(pods, release);
  const trouble = firstTrouble(mine) ?? firstTrouble(mine, whyNotReady);
  if (trouble) return trouble;
  return { reason: 'Timeout', message: `no machine has become ready for ${waitTimeout}` };
}
