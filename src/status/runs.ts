import type { ObservedCronJob, ObservedJob, ObservedPod } from '../api/kubernetes.ts';
import type { ScheduleRun } from '../api/schedule.ts';
import { endOf, failedWith, hasStarted } from '../release/job-end.ts';
import { machineTrouble, type Trouble, whyNotReady } from '../release/machine-trouble.ts';

/** On each pod of a Job. */
const jobNameLabel = 'batch.kubernetes.io/job-name';

/** What is usual while a pod begins is a trouble after this time, in milliseconds. */
export const startingMs = 60_000;

/** A run with why it does not even begin. */
export interface ObservedRun extends ScheduleRun {
  readonly stuck?: Trouble;
}

export interface RunsObserved {
  readonly cronJob: ObservedCronJob | undefined;
  readonly jobs: readonly ObservedJob[];
  readonly pods: readonly ObservedPod[];
  /** The run that was told as the last one. */
  readonly told: ScheduleRun | undefined;
}

/** The runs that are known, the last one first. One whose Job is gone is known from what was told of it. */
export function runsOf({ cronJob, jobs, pods, told }: RunsObserved, now: Date): ObservedRun[] {
  const runs = jobs.map((job): ObservedRun => {
    const mine = pods.filter(({ metadata }) => metadata.labels?.[jobNameLabel] === job.metadata.name);
    const before = told?.name === job.metadata.name ? told : undefined;
    return runOf(job, mine.sort(youngestFirst), before, now);
  });
  const gone = told && !runs.some(({ name }) => name === told.name) ? [settled(told, cronJob)] : [];
  return [...runs, ...gone].sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
}

function runOf(job: ObservedJob, pods: readonly ObservedPod[], before: ScheduleRun | undefined, now: Date) {
  const run = { name: job.metadata.name, startedAt: createdAt(job) };
  const end = endOf(job);
  if (!end) return { ...run, result: 'running' as const, ...untilNow(job, pods, now) };
  const finishedAt = `${job.status?.completionTime ?? end.lastTransitionTime ?? ''}`;
  const exitCode = exitCodeOf(pods) ?? before?.exitCode;
  const ended = { ...run, ...(finishedAt && { finishedAt }), ...(exitCode !== undefined && { exitCode }) };
  if (end.type === 'Complete') return { ...ended, result: 'succeeded' as const, exitCode: 0 };
  return { ...ended, result: 'failed' as const, ...failureOf(job, pods, end, before) };
}

/** What to say of a run that is not over. */
function untilNow(job: ObservedJob, pods: readonly ObservedPod[], now: Date) {
  const stuck = stuckOn(job, pods, now);
  if (stuck) return { ...stuck, stuck };
  const failed = job.status?.failed ?? 0;
  if (failed === 0) return {};
  const exitCode = exitCodeOf(pods);
  const message = `try ${failed} of ${tries(job)} ${failedWith(pods)}`;
  return { reason: 'Retrying', message, ...(exitCode !== undefined && { exitCode }) };
}

/** Why the machine of a run does not begin, as far as its youngest pod tells. */
function stuckOn(job: ObservedJob, [pod]: readonly ObservedPod[], now: Date): Trouble | undefined {
  const isLate = (object: ObservedPod | ObservedJob) => now.getTime() - Date.parse(createdAt(object)) >= startingMs;
  if (pod) return hasStarted(pod) ? undefined : (machineTrouble(pod) ?? (isLate(pod) ? whyNotReady(pod) : undefined));
  if (job.status?.failed || !isLate(job)) return undefined;
  const message = `no machine could be made for it: \`kubectl describe job/${job.metadata.name}\` says why`;
  return { reason: 'NoMachine', message };
}

type End = NonNullable<ReturnType<typeof endOf>>;

/** Of a run that is over Kubernetes may have deleted the pods, and does so at its deadline: then it is what was known before. */
function failureOf(job: ObservedJob, pods: readonly ObservedPod[], end: End, before: ScheduleRun | undefined) {
  const isKnown = exitCodeOf(pods) !== undefined;
  if (before?.result === 'failed' && !isKnown) return { reason: before.reason, message: before.message };
  if (end.reason === 'DeadlineExceeded') {
    const earlier = before?.message ? `; before that: ${before.message}` : '';
    const message = `was ended after ${job.spec?.activeDeadlineSeconds} seconds, its \`timeout\`${earlier}`;
    return { reason: end.reason, message };
  }
  if (!isKnown) return { reason: end.reason, message: `failed: ${end.message}` };
  const times = job.status?.failed ?? 1;
  const message = `${times > 1 ? `failed ${times} times; the last one ` : ''}${failedWith(pods)}`;
  return { reason: end.reason === 'BackoffLimitExceeded' ? 'ProgramFailed' : end.reason, message };
}

/** The Job of a run that was not told as ended is gone: not kept, deleted, or replaced. */
function settled(run: ScheduleRun, cronJob: ObservedCronJob | undefined): ScheduleRun {
  if (run.result !== 'running') return run;
  const { name, startedAt } = run;
  const success = `${cronJob?.status?.lastSuccessfulTime ?? ''}`;
  if (success && startedAt && success >= startedAt)
    return { name, startedAt, finishedAt: success, result: 'succeeded', exitCode: 0 };
  const message = 'its Job is gone before it was seen to end: it was deleted, replaced by a later run, or is not kept';
  return { ...run, result: 'failed', reason: 'JobGone', message };
}

function exitCodeOf(pods: readonly ObservedPod[]): number | undefined {
  return pods
    .map(({ status }) => status?.containerStatuses?.[0]?.state?.terminated?.exitCode)
    .find((code) => code !== undefined);
}

const tries = (job: ObservedJob) => (job.spec?.backoffLimit ?? 0) + 1;
const createdAt = ({ metadata }: ObservedPod | ObservedJob) => `${metadata.creationTimestamp ?? ''}`;
const youngestFirst = (a: ObservedPod, b: ObservedPod) => (createdAt(a) < createdAt(b) ? 1 : -1);
const orderOf = ({ startedAt = '', name }: ScheduleRun) => `${startedAt} ${name}`;
