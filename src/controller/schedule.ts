import type { ObservedCronJob } from '../api/kubernetes.ts';
import { type Schedule, scheduleSpecSchema, scheduleStatusSchema } from '../api/schedule.ts';
import { cronJob, scheduledRun } from '../desired/cron-job.ts';
import type { Settings } from '../desired/settings.ts';
import type { Client } from '../kube/client.ts';
import { isInvalid, type KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { obstacleOf, unknownZone } from '../status/obstacle.ts';
import { lookAgainAt, type ScheduleObserved, scheduleStatus } from '../status/schedule.ts';
import type { Children } from './apply.ts';
import type { Caches, StoredObject } from './caches.ts';
import type { Reconcile } from './controller.ts';
import { reconciler } from './reconciler.ts';
import { releasedApp } from './released.ts';
import { withoutSecrets } from './secrets-cached.ts';
import type { StatusWriter } from './status-writer.ts';
import { TerminalError } from './terminal-error.ts';

export interface ScheduleControllerOptions {
  readonly client: Client;
  readonly caches: Caches;
  readonly children: Children;
  readonly status: StatusWriter;
  readonly settings: Settings;
  readonly now?: () => Date;
}

const schemas = { spec: scheduleSpecSchema, status: scheduleStatusSchema };

/** Makes the CronJob of a Schedule what it should be, and its status what its runs are. */
export function scheduleReconciler(options: ScheduleControllerOptions): Reconcile {
  const { caches, status, now } = options;
  return reconciler({
    store: caches.schedules.store,
    schemas,
    status,
    now,
    reconcile: async ({ key, metadata, spec, status, stored, now, signal }) => {
      const schedule = { metadata, spec, status };
      const observed = await realise(schedule, stored, options, signal);
      const runs = {
        jobs: observed.cronJob ? caches.jobs.store.byIndex('owner', observed.cronJob.metadata.uid ?? '') : [],
        pods: withoutSecrets(caches.pods.store.byIndex('schedule', key), `${metadata.namespace}/${spec.app}`, caches),
      };
      const told = scheduleStatus(schedule, { ...observed, ...runs }, now);
      const again = lookAgainAt(told, { ...observed, ...runs }, now);
      return { status: told, ...(again && { requeueAfterMs: again.getTime() - now.getTime() }) };
    },
  });
}

type Realised = Pick<ScheduleObserved, 'cronJob' | 'release' | 'obstacle'>;

/**
 * Without an App there is nothing that a run could be of, nor a network policy for it, so the CronJob goes, with its runs.
 * Otherwise it stays as it is where the Schedule cannot be followed, unless it is to begin no more runs.
 */
async function realise(
  schedule: Schedule,
  stored: StoredObject,
  { caches, children, settings }: ScheduleControllerOptions,
  signal: AbortSignal,
): Promise<Realised> {
  const { metadata, spec } = schedule;
  const followed = releasedApp(caches, metadata.namespace, spec.app);
  const obstacle = obstacleOf(schedule, followed);
  const current = caches.cronJobs.store.byIndex('owner', metadata.uid) as (ObservedCronJob & KubeObject)[];
  const release = followed?.release;
  const run = followed && release && !obstacle && scheduledRun(schedule, { app: followed.app, release });
  if (!run && followed && !spec.suspend) return { cronJob: current[0], release: release?.version, obstacle };
  const desired = run ? [cronJob(run, settings) as KubeObject] : [];
  const applied = await children.apply(stored, desired, current, signal).catch((error: unknown) => {
    throw isZoneRefused(error) ? new TerminalError('InvalidTimeZone', unknownZone(spec.timeZone)) : error;
  });
  return { cronJob: applied[0] as ObservedCronJob | undefined, release: release?.version, obstacle };
}

/** Node.js knows zones by any spelling of their capitals, Kubernetes by one. */
function isZoneRefused(error: unknown): boolean {
  return (
    isInvalid(error) && Boolean((error as KubeError).details?.causes?.some(({ field }) => field === 'spec.timeZone'))
  );
}
