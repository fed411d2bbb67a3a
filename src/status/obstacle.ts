import type { App } from '../api/app.ts';
import { CronError, parseCron } from '../api/cron.ts';
import type { Release } from '../api/release.ts';
import type { Schedule } from '../api/schedule.ts';
import { isTimeZone } from '../api/time-zone.ts';
import { cronOf, scheduledRun } from '../desired/cron-job.ts';
import { groupsOf } from '../desired/groups.ts';
import type { Failure } from './claims.ts';

/** Why a Schedule has no CronJob, or not the one that it asks for. */
export interface Obstacle extends Failure {
  /** Whether somebody has to change the Schedule; otherwise it goes on by itself. */
  readonly isFinal: boolean;
}

/** What a Schedule follows. */
interface Followed {
  readonly app: App;
  readonly release: Release | undefined;
}

/** What keeps a Schedule from being realised; undefined where nothing does. */
export function obstacleOf(schedule: Schedule, followed: Followed | undefined): Obstacle | undefined {
  return wrongTime(schedule) ?? nothingToRun(schedule, followed);
}

function wrongTime({ metadata, spec }: Schedule): Obstacle | undefined {
  if (!isTimeZone(spec.timeZone)) return final('InvalidTimeZone', unknownZone(spec.timeZone));
  try {
    parseCron(cronOf({ metadata, spec }));
    return undefined;
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return final('InvalidSchedule', `schedule: ${error.message}`);
  }
}

/** Also for a name that only differs in upper and lower case, which the API server finds. */
export const unknownZone = (name: string) =>
  `timeZone: there is no \`${name}\`: write a name of https://www.iana.org/time-zones with its capitals, such as \`Europe/Berlin\``;

function nothingToRun(schedule: Schedule, followed: Followed | undefined): Obstacle | undefined {
  const { app: name, process } = schedule.spec;
  if (!followed)
    return waiting('AppNotFound', `there is no App \`${name}\` in this namespace: runs begin when it is there`);
  const { app, release } = followed;
  if (!release) return waiting('AppNotReleased', `App \`${name}\` has no release yet: runs begin when it has one`);
  if (scheduledRun(schedule, { app, release })) return undefined;
  const groups = groupsOf(release.spec).map((group) => `\`${group.name}\``);
  return final(
    'UnknownProcess',
    `process: release ${release.version} of App \`${name}\` has no process group \`${process}\`: write ${groups.join(' or ')}`,
  );
}

const final = (reason: string, message: string): Obstacle => ({ reason, message, isFinal: true });
const waiting = (reason: string, message: string): Obstacle => ({ reason, message, isFinal: false });
