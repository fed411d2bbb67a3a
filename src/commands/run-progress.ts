import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservedJob, ObservedPod } from '../api/kubernetes.ts';
import type { ScheduleRun } from '../api/schedule.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import { jobs, type ObjectRef, pods } from '../kube/resources.ts';
import { hasStarted } from '../release/job-end.ts';
import { runsOf } from '../status/runs.ts';

export interface ProgressOptions {
  readonly client: Pick<Client, 'get' | 'list'>;
  readonly job: ObjectRef;
  /** When to stop waiting. */
  readonly until: Date;
  /** Called with each new thing that there is to say. */
  readonly onProgress: (text: string) => void;
}

const pollMs = 1000;

/** Waits until a run is over. It is given back as it is, still running, when the time is up; undefined when its Job is gone. */
export async function waitForRun({
  client,
  job,
  until,
  onProgress,
}: ProgressOptions): Promise<ScheduleRun | undefined> {
  let run: ScheduleRun | undefined;
  for (let said = ''; ; await sleep(pollMs)) {
    const seen = await look(client, job, run);
    if (!seen) return undefined;
    run = seen.run;
    if (run.result !== 'running' || new Date() >= until) return run;
    const text = run.message ?? (seen.hasStarted ? 'runs' : 'begins');
    if (text !== said) onProgress(text);
    said = text;
  }
}

async function look(client: ProgressOptions['client'], ref: ObjectRef, told: ScheduleRun | undefined) {
  const job = await client.get<ObservedJob>(jobs, ref).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!job) return undefined;
  const labelSelector = `batch.kubernetes.io/job-name=${ref.name}`;
  const { items } = await client.list<ObservedPod>(pods, { namespace: ref.namespace, labelSelector });
  const [run] = runsOf({ cronJob: undefined, jobs: [job], pods: items, told }, new Date());
  return run && { run, hasStarted: items.some(hasStarted) };
}
