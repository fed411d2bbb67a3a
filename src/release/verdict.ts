import { seconds } from '../api/duration.ts';
import type { ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import type { Workload } from '../desired/workloads.ts';
import { firstTrouble, whyNotReady } from './machine-trouble.ts';
import { rolloutOf } from './rollout.ts';

/** What became of a step of a release. */
export type Verdict =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly reason: string; readonly message: string }
  /** Undecided; it will be at `until`, whatever happens. */
  | { readonly outcome: 'waiting'; readonly until: Date };

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
  const { release, workloads, observed, now } = step;
  const pending = workloads.filter((workload) => !isRolledOut(workload, release, observed));
  if (pending.length === 0) return { outcome: 'done' };
  const until = deadlineOf(step);
  if (now < until) return { outcome: 'waiting', until };
  return { outcome: 'failed', ...reasonOf(step) };
}

/** The machines of a release among all pods of its App. */
export function podsOf(pods: readonly ObservedPod[], { version }: Pick<Release, 'version'>): ObservedPod[] {
  return pods.filter(
    ({ metadata }) =>
      metadata.labels?.[label.release] === `${version}` && metadata.labels[label.workload] !== undefined,
  );
}

function isRolledOut({ kind, name }: Workload, { version }: Release, observed: readonly ObservedWorkload[]): boolean {
  const found = observed.find((item) => item.kind === kind && item.metadata.name === name);
  if (!found) return false;
  const rollout = rolloutOf(found);
  return rollout.done && rollout.version === version;
}

function deadlineOf({ release, workloads, pods, waitTimeout }: Step): Date {
  const wait = seconds(waitTimeout) * 1000;
  const since = Date.parse(release.journal.since);
  const machines = workloads.reduce((sum, { count }) => sum + count, 0);
  const lastReady = Math.max(since, ...podsOf(pods, release).map(readySince));
  return new Date(Math.min(lastReady + wait, since + wait * Math.max(1, machines)));
}

function readySince({ status }: ObservedPod): number {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? Date.parse(`${ready.lastTransitionTime}`) : 0;
}

function reasonOf({ release, pods, waitTimeout }: Step): { reason: string; message: string } {
  const mine = podsOf(pods, release);
  const trouble = firstTrouble(mine) ?? firstTrouble(mine, whyNotReady);
  if (trouble) return trouble;
  return { reason: 'Timeout', message: `no machine has become ready for ${waitTimeout}` };
}
