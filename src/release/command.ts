import { seconds } from '../api/duration.ts';
import type { ObservedJob, ObservedPod } from '../api/kubernetes.ts';
import { label, role } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import { usualCommandTimeout } from '../desired/release-command.ts';
import { endOf, failedWith, hasStarted, versionOf } from './job-end.ts';
import { firstTrouble, whyNotReady } from './machine-trouble.ts';
import type { Verdict } from './verdict.ts';

export interface CommandStep {
  readonly release: Release;
  /** The Job of a release command, of whichever release; there is never more than one. */
  readonly job: ObservedJob | undefined;
  readonly pods: readonly ObservedPod[];
  readonly waitTimeout: string;
  readonly now: Date;
}

/**
 * What became of the command of a release. A command that does not even start within `waitTimeout` has failed; how long
 * it may run is the Job's own deadline.
 */
export function commandVerdict({ release, job, pods, waitTimeout, now }: CommandStep): Verdict {
  const until = new Date(Date.parse(release.journal.since) + seconds(waitTimeout) * 1000);
  const mine = pods.filter((pod) => isCommandOf(pod, release));
  const end = job && versionOf(job) === release.version ? endOf(job) : undefined;
  if (end?.type === 'Complete') return { outcome: 'done' };
  if (end) return { outcome: 'failed', ...failureOf(end.reason, mine, release) };
  // The Job itself ends it.
  if (mine.some(hasStarted)) return { outcome: 'waiting', until: undefined };
  if (now < until) return { outcome: 'waiting', until };
  const trouble = firstTrouble(mine) ??
    firstTrouble(mine, whyNotReady) ?? { reason: 'Timeout', message: `it has not started within ${waitTimeout}` };
  return {
    outcome: 'failed',
    reason: trouble.reason,
    message: `the release command does not start: ${trouble.message}`,
  };
}

function failureOf(reason: string | undefined, pods: readonly ObservedPod[], { deploy }: Release) {
  if (reason === 'DeadlineExceeded') {
    const message = `the release command was still running after ${deploy.releaseCommandTimeout ?? usualCommandTimeout}`;
    return { reason: 'ReleaseCommandTimedOut', message };
  }
  return { reason: 'ReleaseCommandFailed', message: `the release command ${failedWith(pods)}` };
}

function isCommandOf({ metadata }: ObservedPod, { version }: Release): boolean {
  return metadata.labels?.[label.role] === role.releaseCommand && metadata.labels[label.release] === `${version}`;
}
