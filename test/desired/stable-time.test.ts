import { describe, expect, it } from 'vitest';
import { everyWords } from '../../src/api/schedule.ts';
import { stableTime } from '../../src/desired/stable-time.ts';

const thousand = Array.from({ length: 1000 }, (_, index) => `acme/report-${index}`);
const most = (texts: readonly string[]) =>
  Math.max(...[...Map.groupBy(texts, (text) => text).values()].map(({ length }) => length));

describe('the time of a Schedule that names none', () => {
  it('is the same for ever', () => {
    expect(everyWords.map((word) => stableTime(word, 'acme/backup', 'Etc/UTC'))).toEqual([
      '40 * * * *',
      '40 18 * * *',
      '40 18 * * 2',
      '40 18 24 * *',
    ]);
  });

  it.each([
    // Evenly spread there would be 17 in a minute of the hour, and one in each minute of the day or week.
    ['hourly', 35],
    ['daily', 8],
    ['weekly', 4],
    ['monthly', 4],
  ] as const)('is another one for each of a thousand: %s', (word, limit) => {
    expect(most(thousand.map((key) => stableTime(word, key, 'Etc/UTC')))).toBeLessThanOrEqual(limit);
  });

  it('is on a day that each month has, and by day in zones that change their clocks at night', () => {
    const monthly = thousand.map((key) => stableTime('monthly', key, 'Europe/Berlin').split(' ').map(Number));
    expect(Math.max(...monthly.map(([, , day = 0]) => day))).toBe(28);
    const hours = monthly.map(([, hour = 0]) => hour);
    expect([Math.min(...hours), Math.max(...hours)]).toEqual([4, 20]);
  });
});
