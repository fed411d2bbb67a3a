import type { CronEvery, CronTimes } from '../api/cron.ts';
import { ZoneClock } from './zone-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** In so many years each date comes that comes at all, but for a 29th of February around 2100. */
const yearsAhead = 5;

export interface NextRun {
  readonly cron: CronTimes | CronEvery;
  readonly timeZone: string;
  /** When the last run was due, or when the CronJob was made: what `@every` counts from. */
  readonly since: Date;
  readonly now: Date;
}

/** When CronJob begins a run next; undefined where there is no such time. */
export function nextRun({ cron, timeZone, since, now }: NextRun): Date | undefined {
  if (!('everySeconds' in cron)) return nextTime(cron, timeZone, now);
  const interval = cron.everySeconds * 1000;
  const passed = Math.max(0, Math.floor((now.getTime() - since.getTime()) / interval));
  const next = since.getTime() + (passed + 1) * interval;
  return Number.isFinite(new Date(next).getTime()) ? new Date(next) : undefined;
}

/** A part of the clock that must match before the smaller ones are looked at. */
interface Unit {
  readonly matches: (shown: Date) => boolean;
  /** Where the unit that this instant is in begins. */
  readonly startOf: (instant: number) => number;
  readonly next: (instant: number) => number;
  /** Whether the next larger unit has begun, too, which then has to be looked at again. */
  readonly isFirst: (shown: Date) => boolean;
}

/**
 * The first whole minute after `now` that the clock of the zone shows as one of the times. A time that a change of the
 * clock leaves out does not come, and one that it repeats comes twice. It goes from unit to unit as the library of the
 * CronJob controller does (github.com/robfig/cron), because on days that have no midnight it is that way which decides.
 */
function nextTime(cron: CronTimes, timeZone: string, now: Date): Date | undefined {
  if ([cron.minute, cron.hour, cron.month].some(({ values }) => values.size === 0)) return undefined;
  const clock = new ZoneClock(timeZone);
  const units = unitsOf(cron, clock);
  let instant = (Math.floor(now.getTime() / minuteMs) + 1) * minuteMs;
  let isAtStart = false;
  const lastYear = clock.at(instant).getUTCFullYear() + yearsAhead;
  search: while (clock.at(instant).getUTCFullYear() <= lastYear) {
    for (const unit of units) {
      while (!unit.matches(clock.at(instant))) {
        if (!isAtStart) instant = unit.startOf(instant);
        isAtStart = true;
        instant = unit.next(instant);
        if (unit.isFirst(clock.at(instant))) continue search;
      }
    }
    return new Date(instant);
  }
  return undefined;
}

function unitsOf(cron: CronTimes, clock: ZoneClock): Unit[] {
  const { minute, hour, month } = cron;
  const moved = (instant: number, { months = 0, days = 0 }, atMidnight = false) => {
    const shown = clock.at(instant);
    const [year, monthNow, day] = [shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate()];
    const time = atMidnight ? [] : [shown.getUTCHours(), shown.getUTCMinutes()];
    return clock.instant(year, monthNow + months, day + days, ...time);
  };
  return [
    {
      matches: (shown) => month.values.has(shown.getUTCMonth() + 1),
      startOf: (instant) => moved(instant, { days: 1 - clock.at(instant).getUTCDate() }, true),
      next: (instant) => moved(instant, { months: 1 }),
      isFirst: (shown) => shown.getUTCMonth() === 0,
    },
    {
      matches: (shown) => isDay(cron, shown),
      startOf: (instant) => moved(instant, {}, true),
      next: (instant) => nearestMidnight(moved(instant, { days: 1 }), clock),
      isFirst: (shown) => shown.getUTCDate() === 1,
    },
    {
      matches: (shown) => hour.values.has(shown.getUTCHours()),
      startOf: (instant) => instant - clock.at(instant).getUTCMinutes() * minuteMs,
      next: (instant) => instant + hourMs,
      isFirst: (shown) => shown.getUTCHours() === 0,
    },
    {
      matches: (shown) => minute.values.has(shown.getUTCMinutes()),
      startOf: (instant) => instant,
      next: (instant) => instant + minuteMs,
      isFirst: (shown) => shown.getUTCMinutes() === 0,
    },
  ];
}

/** Where both fields for days are narrowed, a day that one of them names is enough. */
function isDay({ dayOfMonth, dayOfWeek }: CronTimes, shown: Date): boolean {
  const [byMonth, byWeek] = [dayOfMonth.values.has(shown.getUTCDate()), dayOfWeek.values.has(shown.getUTCDay())];
  return dayOfMonth.isOpen || dayOfWeek.isOpen ? byMonth && byWeek : byMonth || byWeek;
}

/** A day later is not midnight again where the clock was changed at midnight. */
function nearestMidnight(instant: number, clock: ZoneClock): number {
  const hour = clock.at(instant).getUTCHours();
  return instant + (hour > 12 ? 24 - hour : -hour) * hourMs;
}
