import type { ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import { label, scaledAnnotation, suspendedAnnotation } from '../api/meta.ts';
import { servicesOf } from '../desired/groups.ts';
import { isReady } from '../desired/ready.ts';
import type { Workload } from '../desired/workloads.ts';
import type { Key } from '../kube/types.ts';
import type { ReleasePlan } from '../release/plan.ts';
import { isSuspended } from '../scaling/due.ts';
import type { Group, Machine, Region, SuspendedMachine } from '../scaling/group.ts';
import { limitsOf } from '../scaling/limits.ts';
import type { GroupLoad } from '../scaling/load.ts';
import { readSuspended } from '../suspend/annotation.ts';
import type { Caches } from './caches.ts';

/** Machines of an App that are started and stopped by what they have to do, as its plan says. */
export interface ScaledGroup extends Omit<Group, 'regions'> {
  readonly workloads: readonly Workload[];
}

/** As it is at a look. */
export interface SeenGroup {
  /** Of the App. */
  readonly key: Key;
  readonly group: Group;
}

/** With what it has to do. */
export interface LoadedGroup extends SeenGroup {
  readonly load: GroupLoad;
}

export type Planned = Pick<ReleasePlan, 'current' | 'services' | 'workloads'>;
type Watched = Pick<Caches, 'deployments' | 'statefulSets' | 'pods'>;

const phasesUnderWay: ReadonlySet<string> = new Set(['command', 'canary', 'rollout']);

/** One for each group and slot. */
export function scaledGroups({ current, services, workloads }: Planned): ScaledGroup[] {
  const scaled = workloads.filter(({ scale }) => scale !== undefined);
  const groups = Map.groupBy(scaled, ({ group, slot }) => `${group.name}/${slot}`);
  return [...groups.values()].map((workloads) => {
    const [{ app, group }] = workloads as [Workload];
    const own = servicesOf({ processes: app.spec.processes, services }, group.name);
    return {
      name: group.name,
      limits: limitsOf(own),
      autoStart: own.some(({ autoStart }) => autoStart),
      isReleasing: phasesUnderWay.has(current.journal.phase),
      workloads,
    };
  });
}

/** The group as it is now: without workloads that are not there, or of which somebody else still says how many run. */
export function groupNow(key: Key, { workloads, ...group }: ScaledGroup, caches: Watched, nowMs: number): Group {
  const pods = Map.groupBy(caches.pods.store.byIndex('app', key), ({ metadata }) => metadata.labels?.[label.workload]);
  const regions = workloads.flatMap(({ name, kind, count, region, scale }): Region[] => {
    const observed = workloadOf(key, { kind, workload: name }, caches);
    if (!scale || kind === 'Job' || observed?.metadata.annotations?.[scaledAnnotation] !== 'true') return [];
    const there = (pods.get(name) ?? []).filter(isThere);
    const machines = there.filter((pod) => !isSuspended(pod)).map((pod) => machineOf(pod, nowMs));
    const suspended = there.filter(isSuspended).map((pod) => suspendedOf(pod, nowMs));
    const replicas = replicasOf(observed);
    return [{ kind, workload: name, region, count, ...scale, replicas, machines, suspended }];
  });
  return { ...group, regions };
}

/** What the cache has of a workload that is not being deleted. */
export function workloadOf(key: Key, { kind, workload }: Named, caches: Omit<Watched, 'pods'>) {
  const { store } = kind === 'StatefulSet' ? caches.statefulSets : caches.deployments;
  const found = store.get(workloadKey(key, { workload }));
  return found?.metadata.deletionTimestamp ? undefined : found;
}

/** Key of a workload of an App. */
export const workloadKey = (app: Key, { workload }: Pick<Named, 'workload'>): Key =>
  `${app.slice(0, app.indexOf('/'))}/${workload}`;

export interface Named {
  readonly kind: Workload['kind'];
  readonly workload: string;
}

/** The API server fills in 1 where nobody says how many. */
export const replicasOf = ({ spec }: Pick<ObservedWorkload, 'spec'>): number =>
  (spec as { replicas?: number } | undefined)?.replicas ?? 1;

function isThere({ metadata, status }: ObservedPod): boolean {
  return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function machineOf(pod: ObservedPod, nowMs: number): Machine {
  const { metadata, status } = pod;
  const program = status?.containerStatuses?.find(({ name }) => name === metadata.labels?.[label.process]);
  const startedAt = program?.state?.running?.startedAt;
  return {
    name: metadata.name,
    isReady: isReady(pod),
    ageMs: nowMs - Date.parse(metadata.creationTimestamp ?? ''),
    upMs: startedAt === undefined ? undefined : nowMs - Date.parse(startedAt),
  };
}

/** A time that cannot be read is as good as none: whatever it gets resumes it. */
function suspendedOf(pod: ObservedPod, nowMs: number): SuspendedMachine {
  const since = readSuspended(pod.metadata.annotations?.[suspendedAnnotation] ?? '')?.since;
  // https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status
  const isRefused = pod.status?.conditions?.some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  );
  return {
    ...machineOf(pod, nowMs),
    forMs: nowMs - Date.parse(since ?? '1970-01-01T00:00:00Z'),
    isRefused: isRefused ?? false,
  };
}
