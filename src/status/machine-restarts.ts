import type { ObservedPod } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import type { MachineStatus } from '../api/machine-status.ts';
import { type MachinePresent, retriesOf } from '../desired/machine.ts';
import { isOfRun, jobOf } from '../desired/machine-runs.ts';
import { hasEnded as isOver } from '../release/job-end.ts';
import { milliTime } from './machine-events.ts';
import { programOf, type SeenExit } from './machine-exits.ts';

type Watched = Pick<Machine, 'spec' | 'status'>;

/** Whether a program that has ended is started again. As Fly counts: the first start is none of the retries. */
export function isStartedAgain(
  { spec, status }: Watched,
  { pods, workloads }: MachinePresent,
  exit: SeenExit,
): boolean {
  const { restart } = spec;
  if (restart.policy === 'always') return true;
  if (restart.policy === 'no' || exit.exitCode === 0) return false;
  const mine = pods.filter((pod) => isOfRun(pod, status));
  // Several ends may have come while nobody looked; those after this one are no reason to take this one for the last.
  const later = mine.filter((pod) => endedAfter(pod, exit)).length;
  const job = jobOf(status, workloads);
  if (later === 0 && job && isOver(job)) return false;
  const failed = Math.max(mine.filter(hasFailed).length, job?.status?.failed ?? 0) - later;
  return failed <= retriesOf(restart);
}

function endedAfter(pod: ObservedPod, { exitedAt }: SeenExit): boolean {
  const ended = programOf(pod)?.state?.terminated?.finishedAt;
  return ended !== undefined && milliTime(new Date(`${ended}`)) > exitedAt;
}

/** The end of a program may be seen before Kubernetes says that its pod has failed. */
function hasFailed(pod: ObservedPod): boolean {
  return pod.status?.phase === 'Failed' || (programOf(pod)?.state?.terminated?.exitCode ?? 0) !== 0;
}

/** How often Kubernetes says that the program was started again; never less than was said of the same version before. */
export function counted({ spec }: Watched, { pods, workloads }: MachinePresent, status: MachineStatus): MachineStatus {
  const mine = pods.filter((pod) => isOfRun(pod, status));
  const failed = jobOf(status, workloads)?.status?.failed ?? 0;
  const inPlace = Math.max(0, ...mine.map((pod) => programOf(pod)?.restartCount ?? 0));
  const again = spec.restart.policy === 'always' ? inPlace : Math.min(failed, retriesOf(spec.restart));
  const restarts = Math.max(status.restarts ?? 0, again);
  return restarts === status.restarts ? status : { ...status, restarts };
}
