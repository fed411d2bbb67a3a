import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../src/api/cron.ts';
import { nextRun } from '../../../src/status/next-run.ts';

/** When four runs in a row begin; `never` where there is no more. */
function runs(schedule: string, timeZone: string, from: string): string[] {
  const cron = parseCron(schedule);
  const times: string[] = [];
  for (let now: Date | undefined = new Date(from); now && times.length < 4; ) {
    now = nextRun({ cron, timeZone, since: now, now });
    times.push(now ? `${now.toISOString().slice(0, 16)}Z` : 'never');
  }
  return times;
}

describe('the next run', () => {
  const table = readFileSync(join(import.meta.dirname, 'times.tsv'), 'utf8')
    .trim()
    .split('\n');
  const rows = Map.groupBy(
    table.map((line) => line.split('\t')),
    ([, zone = '']) => zone,
  );

  it.each([...rows])('in %s is when the CronJob controller begins it', (_, ofZone) => {
    for (const [schedule = '', zone = '', from = '', ...expected] of ofZone)
      expect([schedule, from, ...runs(schedule, zone, from)]).toEqual([schedule, from, ...expected]);
  });

  it('is left out where the clock leaves its time out, and comes twice where the clock repeats it', () => {
    expect(runs('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')[0]).toBe('2026-03-30T00:30Z');
    expect(runs('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z').slice(0, 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-25T01:30Z',
    ]);
  });

  it('of @every counts from the last run, whatever was missed', () => {
    const [since, now] = [new Date('2026-01-01T00:00:07Z'), new Date('2026-01-01T10:00:00Z')];
    const at = (schedule: string) =>
      nextRun({ cron: parseCron(schedule), timeZone: 'Etc/UTC', since, now })?.toISOString();
    expect(at('@every 90m')).toBe('2026-01-01T10:30:07.000Z');
    expect(at('@every 10ms')).toBe('2026-01-01T10:00:01.000Z');
    expect(at('@every 1m1.9s')).toBe('2026-01-01T10:00:58.000Z');
    expect(at('@every 2562047h')).toBe('2318-04-12T23:00:07.000Z');
  });
});
