import { beforeAll, describe, expect, inject, it } from 'vitest';
import { scheduleCrd } from '../../../src/api/crds.ts';
import { CronError, parseCron } from '../../../src/api/cron.ts';
import { everyWords, type ScheduleSpecInput } from '../../../src/api/schedule.ts';
import { isTimeZone } from '../../../src/api/time-zone.ts';
import { schedules } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { cronJobs, customResourceDefinitions, type Resource } from '../../../src/kube/resources.ts';
import { cronStrings } from '../../api/cron-strings.ts';
import { until } from '../../cluster/exec.ts';

const client = await connect({ kubeConfigPath: inject('kubeconfig') });
const metadata = { name: 'nightly', namespace: 'default' };

/** What the API server says to an object; nothing is kept. */
async function verdict(resource: Resource, object: object): Promise<string> {
  const { kind } = resource;
  const whole = { apiVersion: resource.apiVersion, kind, metadata, ...object } as Addressed;
  return client.create(resource, whole, { dryRun: true }).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

const template = { restartPolicy: 'Never', containers: [{ name: 'app', image: 'x:1' }] };
const ofCronJob = (spec: object) =>
  verdict(cronJobs, {
    spec: { schedule: '* * * * *', ...spec, jobTemplate: { spec: { template: { spec: template } } } },
  });
const ofSchedule = (spec: Partial<ScheduleSpecInput>) =>
  verdict(schedules, { spec: { app: 'hello', schedule: '* * * * *', ...spec } });

const ofOurs = (schedule: string): string => {
  try {
    parseCron(schedule);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return error.message;
  }
};

/** Those of which the two do not think the same. */
async function differing<T>(items: readonly T[], ...verdicts: ((item: T) => Promise<string> | string)[]) {
  const found: unknown[] = [];
  const rest = [...items];
  const work = async () => {
    for (let item = rest.pop(); item !== undefined; item = rest.pop()) {
      const [first = '', second = ''] = await Promise.all(verdicts.map((of) => of(item as T)));
      if ((first === 'accepted') !== (second === 'accepted')) found.push([item, first, second]);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return found;
}

beforeAll(async () => {
  await client.apply(customResourceDefinitions, scheduleCrd() as Addressed, { fieldManager: 'test', force: true });
  await until('the CRD to be served', async () => (await ofSchedule({})) === 'accepted');
});

describe('a schedule', () => {
  it('is in a table of both kinds', () => {
    const accepted = cronStrings.filter((schedule) => ofOurs(schedule) === 'accepted');
    expect(accepted.length).toBeGreaterThan(200);
    expect(cronStrings.length - accepted.length).toBeGreaterThan(200);
  });

  it('is accepted by Airfield exactly where CronJob accepts it', async () => {
    expect(await differing(cronStrings, ofOurs, (schedule) => ofCronJob({ schedule }))).toEqual([]);
  });

  it('is accepted by the API server at `kubectl apply` exactly where CronJob accepts it', async () => {
    expect(await differing(cronStrings, (schedule) => ofSchedule({ schedule }), ofOurs)).toEqual([]);
  });

  it.each(everyWords)('may be the word %s', async (schedule) => {
    expect(await ofSchedule({ schedule })).toBe('accepted');
  });

  it.each([
    ['60 * * * *', /spec\.schedule.*the minute \(first field\) goes from 0 to 59.*: write `5`, `0,30`/],
    ['0 24 * * *', /spec\.schedule.*the hour \(second field\) goes from 0 to 23/],
    ['0 0 0 * *', /spec\.schedule.*the day of month \(third field\) goes from 1 to 31/],
    ['0 0 * 13 *', /spec\.schedule.*the month \(fourth field\) goes from 1 to 12 or JAN to DEC/],
    ['0 0 * * 7', /spec\.schedule.*the day of week \(fifth field\) goes from 0 to 6 or SUN to SAT.*0 is Sunday/],
    ['0 22-5 * * *', /spec\.schedule.*the hour \(second field\).*a range from the smaller to the larger/],
    ['* * * * * *', /spec\.schedule.*write five fields \(minute, hour, day of month, month, day of week\)/],
    ['@reboot', /spec\.schedule.*write five fields/],
    ['TZ=Europe/Berlin 0 3 * * *', /spec\.schedule.*a time zone goes into `timeZone`/],
  ])('%j is refused, with the part that is wrong', async (schedule, message) => {
    expect(await ofSchedule({ schedule })).toMatch(message);
  });
});

describe('a time zone', () => {
  const known = Intl.supportedValuesOf('timeZone');
  const others = [
    'UTC',
    'Etc/UTC',
    'GMT',
    'Etc/GMT+5',
    'GMT+0',
    'US/Eastern',
    'EST5EDT',
    'Zulu',
    'Asia/Calcutta',
    'Europe/Kyiv',
  ];
  const wrong = [
    '',
    ' ',
    'Local',
    'local',
    'Berlin',
    'Europe/Atlantis',
    '+05:00',
    'Europe//Berlin',
    '/Europe/Berlin',
    'Europe/Berlin/',
    '../UTC',
    './UTC',
    '-UTC',
    'Europe/-Berlin',
    'Europe Berlin',
    'Europe/Berlin ',
    'ABCDEFGHIJKLMNO',
  ];

  it('is accepted exactly where CronJob accepts it', async () => {
    const ours = async (timeZone: string) =>
      (await ofSchedule({ timeZone })) === 'accepted' && isTimeZone(timeZone) ? 'accepted' : 'refused';
    expect(await differing([...known, ...others, ...wrong], ours, (timeZone) => ofCronJob({ timeZone }))).toEqual([]);
  });

  it('is refused at `kubectl apply` where it cannot be one', async () => {
    expect(await ofSchedule({ timeZone: 'Local' })).toMatch(/spec\.timeZone.*such as `Europe\/Berlin`/);
  });
});
