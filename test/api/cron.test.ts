import { describe, expect, it } from 'vitest';
import { type CronTimes, parseCron } from '../../src/api/cron.ts';

const times = (text: string) => parseCron(text) as CronTimes;
const numbers = (of: { values: ReadonlySet<number> }) => [...of.values].sort((a, b) => a - b);

describe('a schedule', () => {
  it.each([
    ['5', [5]],
    ['*/20', [0, 20, 40]],
    ['50/4', [50, 54, 58]],
    ['1-5/2,3,,59', [1, 3, 5, 59]],
    ['+07', [7]],
    [',', []],
  ])('has in the minute %j the numbers %j', (text, expected) => {
    expect(numbers(times(`${text} * * * *`).minute)).toEqual(expected);
  });

  it('knows the names of months and days', () => {
    const { month, dayOfWeek } = times('0 0 * jan-MAR,Dec SUN,tue-Thu');
    expect([numbers(month), numbers(dayOfWeek)]).toEqual([
      [1, 2, 3, 12],
      [0, 2, 3, 4],
    ]);
  });

  it.each([
    ['*', true],
    ['?', true],
    ['*/1', true],
    ['5,*', true],
    ['*/2', false],
    ['1-31', false],
  ])('leaves the days open with %j: %j', (text, isOpen) => {
    expect(times(`0 0 ${text} * *`).dayOfMonth.isOpen).toBe(isOpen);
  });

  it.each([
    ['@every 90m', 5400],
    ['@every 1h0m1.9s', 3601],
    ['@every -5m', 1],
  ])('%j comes after %i seconds', (text, everySeconds) => expect(parseCron(text)).toEqual({ everySeconds }));
});

describe('what is wrong with a schedule', () => {
  it.each([
    ['60 * * * *', 'the minute (first field) `60` is not within 0 to 59: write `5`, `0,30`, `10-20` or `*/15`'],
    ['0 22-5 * * *', 'the hour (second field) `22-5` ends before it begins: write `3`, `8,20`, `9-17` or `*/6`'],
    ['0 0 1-2-3 * *', 'the day of month (third field) `1-2-3` has more than one `-`: write'],
    ['0 0 * */0 *', 'the month (fourth field) `*/0` has a step that is no number above 0: write'],
    [
      '0 0 * * 7',
      'the day of week (fifth field) `7` is not within 0 to 6 or SUN to SAT: write `1`, `SAT,SUN` or `MON-FRI`, where 0 is Sunday',
    ],
    ['0 0 0 * * *', '`0 0 0 * * *` has 6 fields: write five (there are no seconds and no years): minute, hour,'],
    ['Daily', '`Daily`: write `daily`'],
    ['@reboot', 'there is no `@reboot`: write `@yearly`'],
    ['@every 1d', '`1d` is no duration: write hours, minutes and seconds: `@every 1h30m`'],
    ['CRON_TZ=UTC 0 3 * * *', 'a time zone goes into `timeZone`, not into the schedule'],
  ])('%j', (text, message) => expect(() => parseCron(text)).toThrow(message));
});
