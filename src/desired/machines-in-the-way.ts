import type { ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { mountsOf } from './groups.ts';
import { volumeName } from './names.ts';
import { isReady } from './ready.ts';
import type { Workload } from './workloads.ts';

/**
 * Machines of older releases that the StatefulSet controller neither replaces nor goes past. Deleted, they come back as
 * machines of this release.
 *
 * - One without a volume that the set has by now: the controller tries to give it to the pod, which the API server does
 *   not let it, and does nothing else (`updateStatefulSet`, `processReplica`). It stops at the first one, so they have to
 *   go in the order of their numbers: each when those below it are well.
 * - A broken one, where the feature gate MaxUnavailableStatefulSet is on, as it is in Kubernetes 1.35.0 to 1.35.3: the
 *   controller waits until it is ready (kubernetes/kubernetes#137409). It goes when no machine is on its way.
 */
export function machinesInTheWay<P extends ObservedPod>(workload: Workload, pods: readonly P[]): P[] {
  const mine = pods
    .filter(({ metadata }) => metadata.labels?.[label.workload] === workload.name)
    .sort((a, b) => numberOf(a) - numberOf(b));
  const incomplete = mine.filter((pod) => !isOf(workload, pod) && lacksVolume(workload, pod));
  const found = incomplete.length > 0 ? nextIncomplete(workload, mine, incomplete) : stuck(workload, mine);
  return found.filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** All of them where the release is to be immediate. */
function nextIncomplete<P extends ObservedPod>({ app }: Workload, mine: readonly P[], incomplete: readonly P[]): P[] {
  if (app.spec.deploy.strategy === 'immediate') return [...incomplete];
  const [next] = incomplete;
  const before = mine.slice(0, next && mine.indexOf(next));
  return next && before.length === numberOf(next) && before.every(isReady) ? [next] : [];
}

function stuck<P extends ObservedPod>(workload: Workload, mine: readonly P[]): P[] {
  const notReady = mine.filter((pod) => !isReady(pod));
  const isOnItsWay = (pod: P) => pod.metadata.deletionTimestamp || isOf(workload, pod);
  return notReady.some(isOnItsWay) ? [] : notReady;
}

function isOf({ release }: Workload, { metadata }: ObservedPod): boolean {
  return metadata.labels?.[label.release] === `${release.version}`;
}

function lacksVolume({ release, group }: Workload, { spec }: ObservedPod): boolean {
  const volumes = spec?.volumes;
  if (!volumes) return false;
  const has = (name: string) => volumes.some((volume) => volume.name === volumeName(name));
  return mountsOf(release.spec, group.name).some(({ name }) => !has(name));
}

/** The number of a machine in its StatefulSet, from 0. */
export const numberOf = ({ metadata }: ObservedPod) => Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1));
