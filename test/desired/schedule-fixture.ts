import type { AppSpecInput } from '../../src/api/app.ts';
import type { CronJob } from '../../src/api/kubernetes.ts';
import {
  type Schedule,
  type ScheduleSpecInput,
  scheduleSpecSchema,
  scheduleStatusSchema,
} from '../../src/api/schedule.ts';
import { cronJob, scheduledRun } from '../../src/desired/cron-job.ts';
import { anApp, aRelease, settings } from './app-fixture.ts';

/** A Schedule as the operator sees it: what people write, with the defaults filled in. */
export function aSchedule(spec: Partial<ScheduleSpecInput> = {}, name = 'backup'): Schedule {
  return {
    metadata: { name, namespace: 'acme', uid: '00000000-0000-0000-0000-000000000002', generation: 1 },
    spec: scheduleSpecSchema.parse({ app: 'hello', schedule: '0 3 * * *', ...spec }),
    status: scheduleStatusSchema.parse({}),
  };
}

/** The CronJob of a Schedule whose App has one release. */
export function theCronJob(
  spec: Partial<ScheduleSpecInput> = {},
  ofApp: Partial<AppSpecInput> = {},
  name?: string,
): CronJob {
  const app = anApp(ofApp);
  const run = scheduledRun(aSchedule(spec, name), { app, release: aRelease(app, 3) });
  if (!run) throw new Error('the App has no such process group');
  return cronJob(run, settings);
}
