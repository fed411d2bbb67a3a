import { seconds } from '../api/duration.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { isReady } from '../desired/ready.ts';

/** What a start is measured by: `waitTimeout` is how long a machine may take until it is ready. */
export interface Start {
  readonly pods: readonly ObservedPod[];
  readonly waitTimeout: string;
  readonly now: Date;
}

/** When the next machine that is starting has had its time; undefined where none is. */
export function startsUntil(start: Start): Date | undefined {
  const left = deadlines(start).filter((time) => time > start.now.getTime());
  return left.length > 0 ? new Date(Math.min(...left)) : undefined;
}

/** Whether a machine has had its time and is not ready. */
export function isOverdue(start: Start): boolean {
  return deadlines(start).some((time) => time <= start.now.getTime());
}

function deadlines({ pods, waitTimeout }: Start): number[] {
  return pods
    .filter(({ metadata }) => metadata.labels?.[label.workload] !== undefined && !metadata.deletionTimestamp)
    .filter((pod) => !isReady(pod))
    .map(({ metadata }) => Date.parse(`${metadata.creationTimestamp}`) + seconds(waitTimeout) * 1000);
}
