import type { ObservedDeployment, ObservedJob, ObservedStatefulSet, ObservedWorkload } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Workload } from '../desired/workloads.ts';

/** How far a workload is. */
export interface Rollout {
  /** Machines that should run: not those that have ended well and may. */
  readonly desired: number;
  readonly ready: number;
  /** Machines that have ended well, and stay so, or that are stopped as long as there is no work for them. */
  readonly stopped: number;
  /** Those of `stopped` that wait for work. */
  readonly sleeping: number;
  /** Machines that have failed, and are not started again. */
  readonly failed: number;
  /** Machines that were asked for when all others had ended: they come with the next release. */
  readonly late: number;
  /** All machines are of the newest template, serve, and none of an older one is left. */
  readonly done: boolean;
  /** Version of the release that its newest template is of. */
  readonly version: number;
}

/** How far a workload is, of which the cluster may have told nothing yet. */
export function rolloutIn(
  observed: readonly ObservedWorkload[],
  { kind, name, count, scale, release }: Pick<Workload, 'kind' | 'name' | 'count' | 'scale' | 'release'>,
): Rollout {
  const found = observed.find((item) => item.kind === kind && item.metadata.name === name);
  if (found) return scale ? withSleeping(rolloutOf(found), count) : rolloutOf(found);
  // There is no Job of no machine.
  const done = kind === 'Job' && count === 0;
  const desired = scale ? Math.max(1, scale.min) : count;
  return { desired, ready: 0, ...everRunning, done, version: release.version };
}

function withSleeping(rollout: Rollout, count: number): Rollout {
  const sleeping = Math.max(0, count - rollout.desired);
  return { ...rollout, sleeping, stopped: sleeping };
}

/** What a workload tells of its rollout. */
export function rolloutOf(observed: ObservedWorkload): Rollout {
  return isJob(observed) ? rolloutOfJob(observed) : rolloutOfSet(observed);
}

const everRunning = { stopped: 0, sleeping: 0, failed: 0, late: 0 } as const;

/** After `kubectl rollout status` (kubectl, polymorphichelpers/rollout_status.go). */
function rolloutOfSet({ spec, status = {}, metadata }: ObservedDeployment | ObservedStatefulSet): Rollout {
  const desired = spec?.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const seen = observedGeneration >= (metadata.generation ?? 0);
  return {
    desired,
    ready: Math.min(availableReplicas, desired),
    ...everRunning,
    done: seen && updatedReplicas === desired && replicas === desired && availableReplicas === desired,
    version: versionIn(spec?.template),
  };
}

/** Once all machines of a Job have ended it is over, and no machine is ever started in it again. */
function rolloutOfJob({ spec, status = {} }: ObservedJob): Rollout {
  const { ready = 0, succeeded = 0, failedIndexes = '', conditions = [] } = status;
  const completions = spec?.completions ?? 1;
  const isOver = conditions.some(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
  const failed = sizeOf(failedIndexes);
  const late = isOver ? Math.max(0, completions - succeeded - failed) : 0;
  const desired = Math.max(0, completions - succeeded - late);
  return {
    desired,
    ready: Math.min(ready, desired),
    stopped: succeeded,
    sleeping: 0,
    failed,
    late,
    done: failed === 0 && ready >= desired,
    version: versionIn(spec?.template),
  };
}

function isJob(observed: ObservedWorkload): observed is ObservedJob {
  return observed.kind === 'Job';
}

/** How many numbers are in a list as the status of a Job has it: `0,2-4`. */
function sizeOf(indexes: string): number {
  const ranges = indexes.split(',').filter(Boolean);
  return ranges.reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}

type Template = NonNullable<ObservedWorkload['spec']>['template'];

function versionIn(template: Template | undefined): number {
  return Number(template?.metadata?.labels?.[label.release] ?? 0);
}
