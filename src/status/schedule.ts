import { type Condition, type ConditionClaim, transition } from '../api/conditions.ts';
import { parseCron } from '../api/cron.ts';
import type { Schedule, ScheduleRun, ScheduleStatus } from '../api/schedule.ts';
import { cronOf } from '../desired/cron-job.ts';
import { hasEnded } from '../release/job-end.ts';
import { onTheWay, ready, stalled } from './claims.ts';
import { nextRun } from './next-run.ts';
import type { Obstacle } from './obstacle.ts';
import { type ObservedRun, type RunsObserved, runsOf, startingMs } from './runs.ts';

export interface ScheduleObserved extends Omit<RunsObserved, 'told'> {
  /** Version of the release that runs are of. */
  readonly release: number | undefined;
  readonly obstacle: Obstacle | undefined;
}

/** The status of a Schedule whose CronJob has been applied. */
export function scheduleStatus(schedule: Schedule, observed: ScheduleObserved, now: Date): ScheduleStatus {
  const { metadata, status } = schedule;
  const runs = runsOf({ ...observed, told: status.lastRun }, now);
  const next = nextRunOf(schedule, observed, now);
  const [last] = runs;
  const success = lastSuccess(runs, observed, status);
  const claims = [...readiness(schedule, observed, runs, next), ...runFailed(runs, status.conditions)];
  return {
    observedGeneration: metadata.generation,
    conditions: transition(status.conditions ?? [], claims, { generation: metadata.generation, now }),
    ...(!observed.obstacle && { cron: cronOf(schedule), release: observed.release }),
    running: runs.filter(({ result }) => result === 'running').length,
    ...(last && { lastRun: withoutStuck(last) }),
    ...(success && { lastSuccess: success }),
    ...(next && { nextRun: inSeconds(next) }),
  };
}

/** When to look again though nothing changes: at the next run, and at one that may be late to begin. */
export function lookAgainAt(
  { nextRun: next }: ScheduleStatus,
  { jobs }: ScheduleObserved,
  now: Date,
): Date | undefined {
  const onTheirWay = jobs.filter((job) => !hasEnded(job));
  const late = onTheirWay.map(({ metadata }) => Date.parse(`${metadata.creationTimestamp}`) + startingMs + 1000);
  const times = [...(next ? [Date.parse(next) + 1000] : []), ...late].filter((time) => time > now.getTime());
  return times.length > 0 ? new Date(Math.min(...times)) : undefined;
}

function nextRunOf(schedule: Schedule, { cronJob, obstacle }: ScheduleObserved, now: Date): Date | undefined {
  if (obstacle || schedule.spec.suspend) return undefined;
  const since = cronJob?.status?.lastScheduleTime ?? cronJob?.metadata.creationTimestamp;
  const cron = parseCron(cronOf(schedule));
  return nextRun({ cron, timeZone: schedule.spec.timeZone, since: since ? new Date(since) : now, now });
}

function readiness(
  { spec }: Schedule,
  { obstacle, release }: ScheduleObserved,
  runs: readonly ObservedRun[],
  next: Date | undefined,
): ConditionClaim[] {
  if (obstacle) return (obstacle.isFinal ? stalled : waiting)(obstacle.reason, obstacle.message);
  if (spec.suspend) return ready('Suspended', 'no runs begin while `suspend` is true');
  if (!next)
    return stalled('NeverDue', `schedule: the time \`${spec.schedule}\` never comes: write a date that there is`);
  const stuck = runs.find((run) => run.stuck);
  if (stuck?.stuck) return waiting(stuck.stuck.reason, `run ${stuck.name} does not begin: ${stuck.stuck.message}`);
  return ready('Scheduled', `runs release ${release} of App \`${spec.app}\``);
}

const waiting = (reason: string, message: string) => onTheWay('False', reason, message);

/** It stays until a later run has ended well. */
function runFailed(runs: readonly ObservedRun[], previous: readonly Condition[] = []): ConditionClaim[] {
  const ended = runs.filter(({ result }) => result !== 'running');
  const [last] = ended.sort((a, b) =>
    (a.finishedAt ?? a.startedAt ?? '') < (b.finishedAt ?? b.startedAt ?? '') ? 1 : -1,
  );
  if (!last) return previous.filter(({ type }) => type === 'RunFailed').map(claimOf);
  if (last.result === 'succeeded') return [];
  const { name, reason = 'Failed', message = 'failed' } = last;
  return [{ type: 'RunFailed', status: 'True', reason, message: `run ${name}: ${message}` }];
}

const claimOf = ({ type, status, reason, message }: Condition): ConditionClaim => ({ type, status, reason, message });

function lastSuccess(
  runs: readonly ObservedRun[],
  { cronJob }: ScheduleObserved,
  { lastSuccess: told = '' }: ScheduleStatus,
): string | undefined {
  const ended = runs.filter(({ result }) => result === 'succeeded').map(({ finishedAt = '' }) => finishedAt);
  return [...ended, told, `${cronJob?.status?.lastSuccessfulTime ?? ''}`].sort().at(-1) || undefined;
}

function withoutStuck({ stuck: _, ...run }: ObservedRun): ScheduleRun {
  return run;
}

const inSeconds = (time: Date) => `${time.toISOString().slice(0, 19)}Z`;
