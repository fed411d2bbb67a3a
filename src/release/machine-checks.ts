import { seconds } from '../api/duration.ts';
import type { ObservedJob, ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import { type MachineCheck, type MachineCheckRun, machineChecksOf } from '../desired/machine-check.ts';
import { isReady } from '../desired/ready.ts';
import type { Workload } from '../desired/workloads.ts';
import { endOf, failedWith, hasEnded, hasStarted, versionOf } from './job-end.ts';
import { firstTrouble, whyNotReady } from './machine-trouble.ts';
import { podsOf, readySince, type Verdict } from './verdict.ts';

export interface ChecksStep {
  readonly release: Release;
  /** The machines that are tried. */
  readonly workloads: readonly Workload[];
  /** The Jobs of machine checks, of whichever release. */
  readonly checks: readonly ObservedJob[];
  readonly pods: readonly ObservedPod[];
  /** How long a check may take from its beginning to its end. */
  readonly waitTimeout: string;
  readonly now: Date;
}

/** What became of the checks of machines that are ready. */
export function checksVerdict(step: ChecksStep): Verdict {
  const verdicts = machineChecksOf(step.workloads).map((check) => verdictOfCheck(check, step));
  const failed = verdicts.find(({ outcome }) => outcome === 'failed');
  if (failed) return failed;
  const waiting = verdicts.flatMap((verdict) =>
    verdict.outcome === 'waiting' && verdict.until ? [verdict.until.getTime()] : [],
  );
  return waiting.length > 0 ? { outcome: 'waiting', until: new Date(Math.min(...waiting)) } : { outcome: 'done' };
}

/** The checks that are to be begun: their machine is ready, and they have not been. */
export function checksToRun(step: ChecksStep): MachineCheckRun[] {
  return machineChecksOf(step.workloads).flatMap((check) => {
    const address = machineOf(check, step)?.status?.podIP;
    return address && !jobOf(check, step) ? [{ ...check, address }] : [];
  });
}

/** The Jobs of checks that are not wanted any more. Those of a failed release are kept, for their logs, until the next. */
export function checksToRemove({ version, journal }: Release, checks: readonly ObservedJob[]): ObservedJob[] {
  return checks.filter((job) => {
    if (versionOf(job) !== version) return true;
    return journal.phase === 'failed' ? !hasEnded(job) : journal.phase === 'complete';
  });
}

function verdictOfCheck(check: MachineCheck, step: ChecksStep): Verdict {
  const job = jobOf(check, step);
  const end = job && endOf(job);
  if (end?.type === 'Complete') return { outcome: 'done' };
  const mine = step.pods.filter(({ metadata }) => metadata.labels?.[jobNameLabel] === check.name);
  if (end) return failure('MachineCheckFailed', check, failedWith(mine));
  const until = deadlineOf(check, job, step);
  if (step.now < until) return { outcome: 'waiting', until };
  const trouble = mine.some(hasStarted) ? undefined : (firstTrouble(mine) ?? firstTrouble(mine, whyNotReady));
  if (trouble) return failure(trouble.reason, check, `does not start: ${trouble.message}`);
  return failure('MachineCheckTimedOut', check, `has not ended within ${step.waitTimeout}`);
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-job-name */
const jobNameLabel = 'batch.kubernetes.io/job-name';

function failure(reason: string, { field, workload }: MachineCheck, what: string): Verdict {
  return { outcome: 'failed', reason, message: `${field} against a machine of \`${workload.group.name}\` ${what}` };
}

/** A check that has no Job yet has its time from when its machine was ready. */
function deadlineOf(check: MachineCheck, job: ObservedJob | undefined, step: ChecksStep): Date {
  const { release, waitTimeout } = step;
  const machine = machineOf(check, step);
  const began = job ? Date.parse(`${job.metadata.creationTimestamp}`) : machine && readySince(machine);
  return new Date((began ?? Date.parse(release.journal.since)) + seconds(waitTimeout) * 1000);
}

/** The machine that a check is run against: always the same one of those that are ready. */
function machineOf({ workload }: MachineCheck, { release, pods }: ChecksStep): ObservedPod | undefined {
  const ready = podsOf(pods, release).filter(
    (pod) => pod.metadata.labels?.[label.workload] === workload.name && isReady(pod),
  );
  return ready.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

function jobOf({ name }: MachineCheck, { checks }: ChecksStep): ObservedJob | undefined {
  return checks.find(({ metadata }) => metadata.name === name);
}
