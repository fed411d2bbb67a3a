import { createHash } from 'node:crypto';
import type { everyWords } from '../api/schedule.ts';
import { defaultTimeZone } from '../api/time-zone.ts';

type Word = (typeof everyWords)[number];

/**
 * `hourly`, `daily`, `weekly` and `monthly` as cron, at a time that a Schedule keeps for ever, so that a thousand of them do
 * not begin together. With a time zone it is between 4:00 and 20:59, when no zone of the world changes its clock: so it
 * comes on each day, and once.
 */
export function stableTime(word: Word, key: string, timeZone: string): string {
  const pick = digits(key);
  const minute = pick(60);
  const hour = timeZone === defaultTimeZone ? pick(24) : 4 + pick(17);
  const times = {
    hourly: () => `${minute} * * * *`,
    daily: () => `${minute} ${hour} * * *`,
    weekly: () => `${minute} ${hour} * * ${pick(7)}`,
    // Each month has them.
    monthly: () => `${minute} ${hour} ${1 + pick(28)} * *`,
  };
  return times[word]();
}

/** Numbers that depend on the text alone, each from 0 to below a bound. */
function digits(text: string): (bound: number) => number {
  let rest = Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16);
  return (bound) => {
    const digit = rest % bound;
    rest = Math.floor(rest / bound);
    return digit;
  };
}
