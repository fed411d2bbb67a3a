import type { ScheduleStatus } from '../api/schedule.ts';
import type { Family } from '../exposition.ts';
import type { StoredObject } from './caches.ts';
import { seconds, type Told } from './told-metrics.ts';

/** What Schedules tell: when they ran, how that went, and when they are due. */
export function scheduleMetrics(schedules: readonly StoredObject[]): Family[] {
  const all = schedules.map(
    ({ metadata, spec, status = {} }): Told<ScheduleStatus> => ({
      labels: {
        namespace: metadata.namespace ?? '',
        app: ((spec ?? {}) as { app?: string }).app ?? '',
        schedule: metadata.name,
      },
      status: status as Partial<ScheduleStatus>,
    }),
  );
  const gauge = (
    name: string,
    help: string,
    value: (status: Partial<ScheduleStatus>) => number | undefined,
  ): Family => ({
    name: `airfield_schedule_${name}`,
    help,
    type: 'gauge',
    samples: all.flatMap(({ labels, status }) => {
      const number = value(status);
      return number === undefined ? [] : [[labels, number] as const];
    }),
  });
  const holds = ({ conditions = [] }: Partial<ScheduleStatus>, type: string) =>
    conditions.some((one) => one.type === type && one.status === 'True') ? 1 : 0;
  return [
    gauge('ready', 'Whether the condition Ready of a Schedule is True', (status) => holds(status, 'Ready')),
    gauge('last_run_failed', 'Whether the run that ended last has failed', (status) => holds(status, 'RunFailed')),
    gauge('last_run_timestamp_seconds', 'When the last run began', ({ lastRun }) => seconds(lastRun?.startedAt)),
    gauge('last_success_timestamp_seconds', 'When a run succeeded last', ({ lastSuccess }) => seconds(lastSuccess)),
    gauge('next_run_timestamp_seconds', 'When the next run is due; none while it is suspended', ({ nextRun }) =>
      seconds(nextRun),
    ),
    gauge('running', 'Runs that are on their way', ({ running }) => running),
  ];
}
