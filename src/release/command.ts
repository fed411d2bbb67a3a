import { seconds } from '../api/duration.ts';
import type { ObservedJob, ObservedPod } from '../api/kubernetes.ts';
import { label, role } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import { exit, firstTrouble, whyNotReady } from './machine-trouble.ts';
import type { Verdict } from './verdict.ts';

export interface CommandStep {
  readonly release: Release;
  /** The Job of a release command, of whichever release; there is never more than one. */
  readonly job: ObservedJob | undefined;
  readonly pods: readonly ObservedPod[];
  readonly waitTimeout: string;
  readonly now: Date;
}

/** Version of the release whose command a Job runs. */
export function versionOf({ metadata }: ObservedJob): number {
  return Number(metadata.labels?.[label.release] ?? 0);
}

/** Whether a Job has come to its end. */
export function hasEnded({ status }: ObservedJob): boolean {
  return endOf(status) !== undefined;
}

/**
 * What became of the command of a release. A command that does not even start within `waitTimeout` has failed; how long
 * it may run is the Job's own deadline.
 */
export function commandVerdict({ release, job, pods, waitTimeout, now }: CommandStep): Verdict {
  const until = new Date(Date.parse(release.journal.since) + seconds(waitTimeout) * 1000);
  const mine = pods.filter((pod) => isCommandOf(pod, release));
  const end = job && versionOf(job) === release.version ? endOf(job.status) : undefined;
  if (end?.type === 'Complete') return { outcome: 'done' };
  if (end) return { outcome: 'failed', ...failureOf(end.reason, mine, release) };
  if (mine.some(hasStarted) || now < until) return { outcome: 'waiting', until: mine.some(hasStarted) ? never : until };
  const trouble = firstTrouble(mine) ??
    firstTrouble(mine, whyNotReady) ?? { reason: 'Timeout', message: `it has not started within ${waitTimeout}` };
  return {
    outcome: 'failed',
    reason: trouble.reason,
    message: `the release command does not start: ${trouble.message}`,
  };
}

/** The Job ends it, and its event tells. */
const never = new Date(8.64e15);

function failureOf(reason: string | undefined, pods: readonly ObservedPod[], { deploy }: Release) {
  if (reason === 'DeadlineExceeded') {
    const message = `the release command was still running after ${deploy.releaseCommandTimeout ?? '5m'}`;
    return { reason: 'ReleaseCommandTimedOut', message };
  }
  const ended = pods.map(({ status }) => status?.containerStatuses?.[0]?.state?.terminated).find(Boolean);
  const detail = ended ? `: ${exit(ended)}` : '';
  return { reason: 'ReleaseCommandFailed', message: `the release command failed${detail}` };
}

function endOf(status: ObservedJob['status']) {
  return status?.conditions?.find(
    ({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'),
  );
}

function isCommandOf({ metadata }: ObservedPod, { version }: Release): boolean {
  return metadata.labels?.[label.role] === role.releaseCommand && metadata.labels[label.release] === `${version}`;
}

function hasStarted({ status }: ObservedPod): boolean {
  return status?.containerStatuses?.some(({ state }) => state?.running || state?.terminated) ?? false;
}
