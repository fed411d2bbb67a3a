import type { ObservedDeployment, ObservedJob, ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import type { MachineState, MachineStatus } from '../api/machine-status.ts';
import type { MachinePresent } from '../desired/machine.ts';
import { isOfRun, jobOf, mayRun } from '../desired/machine-runs.ts';
import { endOf, hasEnded as isOver } from '../release/job-end.ts';
import { type Happened, inState, milliTime, withEvent } from './machine-events.ts';
import { programOf, type SeenExit, untoldExits } from './machine-exits.ts';
import { counted, isStartedAgain } from './machine-restarts.ts';
import { nextState } from './machine-states.ts';

/** What there is of a Machine in the cluster. */
export interface MachineObserved extends MachinePresent {
  /** Pods that are gone, as they were seen last: how their programs have ended may not have been told yet. */
  readonly gone: readonly ObservedPod[];
}

/** How long pods that a Job has counted may not have been seen; after that somebody has deleted them. */
const unseenMs = 30_000;

type Watched = Pick<Machine, 'spec' | 'status'>;

/** Why an image cannot be had: trying again does not help until somebody changes something. */
const imageTroubles: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
]);

/**
 * The status one step further towards what is observed, with what is to be told of that step. Whoever watches a Machine so
 * sees each state that it goes through; the next step is taken as soon as this one has been written. The same status
 * where there is nothing more to tell.
 */
export function progressed(machine: Watched, observed: MachineObserved, now: Date): MachineStatus {
  const { status } = machine;
  const [exit] = untoldExits(status, [...observed.pods, ...observed.gone]);
  if (exit) return toldExit(machine, observed, exit, now);
  const { state = 'created' } = status;
  const after = nextState(state, targetOf(machine, observed, now));
  if (after === state) return counted(machine, observed, status);
  return counted(machine, observed, stepped(machine, after, observed, now));
}

/**
 * The pod that the Machine runs in: the youngest of its current run. One that is on its way out has been replaced, or will
 * be, unless the program must not run twice.
 */
export function currentPod({ spec, status }: Watched, pods: readonly ObservedPod[]): ObservedPod | undefined {
  const isOut = ({ metadata }: ObservedPod) => metadata.deletionTimestamp && spec.restart.policy !== 'no';
  const mine = pods.filter((pod) => isOfRun(pod, status) && !isOut(pod));
  return mine.sort((a, b) => (created(a) < created(b) ? 1 : -1))[0];
}

/** In how many milliseconds to look again, though nothing may have changed: a Job is over, but not all of it was seen. */
export function progressInMs({ status }: Pick<Machine, 'status'>, { workloads }: MachineObserved): number | undefined {
  const job = jobOf(status, workloads);
  return job && isOver(job) && status.run?.ended === false ? unseenMs / 10 : undefined;
}

/** The state that what is observed amounts to. */
function targetOf({ spec, status }: Watched, { pods, workloads }: MachineObserved, now: Date): MachineState {
  const { run, state = 'created' } = status;
  if (state === 'destroying' || state === 'destroyed')
    return pods.length + workloads.length > 0 ? 'destroying' : 'destroyed';
  if (!run) return state;
  if (run.ended && spec.autoDestroy && state === 'stopped') return 'destroying';
  if (run.asked !== 'started') return restingState(status, pods.some(mayRun) || workloads.some(mayBegin));
  const before = pods.filter((pod) => !isOfRun(pod, status));
  if (before.some(mayRun)) return state === 'replacing' || state === 'stopping' ? state : 'starting';
  if (run.ended) return state === 'failed' ? state : 'stopped';
  const pod = currentPod({ spec, status }, pods);
  const job = jobOf(status, workloads);
  if (job && isOver(job)) return isTold(job, status, pods, now) ? (hasRun(status) ? 'stopped' : 'failed') : state;
  if (wasTakenAway({ spec, status }, { pods, workloads })) return 'stopped';
  if (!pod) return 'starting';
  if (programOf(pod)?.state?.running) return 'started';
  return hasImageTrouble(pod) ? 'failed' : 'starting';
}

/** Whether a workload may still make a pod: it has not been told to stop, or has not been seen to. */
function mayBegin(workload: ObservedWorkload): boolean {
  if (workload.kind === 'Job') return !isOver(workload);
  const { spec, status } = workload as ObservedDeployment;
  return spec?.replicas !== 0 || (status?.replicas ?? 0) > 0;
}

/** A program whose memory is gone cannot be suspended any more. */
function restingState({ run, state }: MachineStatus, runs: boolean): MachineState {
  if (state === 'stopped' || state === 'created' || state === undefined) return 'stopped';
  if (state === 'suspended') return run?.asked === 'suspended' ? state : 'stopped';
  if (runs) return state === 'replacing' ? state : 'stopping';
  return run?.asked === 'suspended' && state === 'stopping' ? 'suspended' : 'stopped';
}

/** Somebody has deleted the Job of a program that must not run twice, or an eviction has, while it ran. */
function wasTakenAway({ spec, status }: Watched, { pods, workloads }: Omit<MachineObserved, 'gone'>): boolean {
  if (spec.restart.policy !== 'no' || status.state !== 'started' || jobOf(status, workloads)) return false;
  return !pods.some((pod) => isOfRun(pod, status));
}

/** Whether all that was in a Job that is over has been seen. Jobs and pods are watched each by itself. */
function isTold(job: ObservedJob, status: MachineStatus, pods: readonly ObservedPod[], now: Date): boolean {
  const mine = pods.filter((pod) => isOfRun(pod, status));
  const { failed = 0, succeeded = 0 } = job.status ?? {};
  if (mine.some((pod) => mayRun(pod) && !pod.metadata.deletionTimestamp)) return false;
  const endedAt = Date.parse(`${endOf(job)?.lastTransitionTime}`);
  return mine.length >= failed + succeeded || !(now.getTime() < endedAt + unseenMs);
}

function hasRun({ state, events = [] }: MachineStatus): boolean {
  const [last] = events;
  return state === 'started' || state === 'stopped' || last?.type === 'exit' || last?.status === 'started';
}

function hasImageTrouble({ status }: ObservedPod): boolean {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.some(({ state }) => imageTroubles.has(state?.waiting?.reason ?? ''));
}

function stepped(machine: Watched, after: MachineState, observed: MachineObserved, now: Date): MachineStatus {
  const { status } = machine;
  const { run, state } = status;
  const isAtRest = after === 'stopped' || after === 'suspended';
  const hasEnded = isAtRest
    ? state === 'started' || state === 'stopping'
    : after === 'failed' && isJobOver(status, observed);
  const next = inState({ ...status, ...(run && hasEnded && { run: { ...run, ended: true } }) }, after, now);
  const event = eventOf(machine, after, observed);
  return event ? withEvent(next, { ...event, status: after }, now) : next;
}

const isJobOver = (status: MachineStatus, { workloads }: MachineObserved) => {
  const job = jobOf(status, workloads);
  return job !== undefined && isOver(job);
};

/** What a step tells; the steps of what somebody asked for were told when it was taken up. */
function eventOf(
  machine: Watched,
  after: MachineState,
  { pods }: MachineObserved,
): Omit<Happened, 'status'> | undefined {
  if (after === 'destroying') return { type: 'destroy', source: 'operator', message: 'its program has ended' };
  if (after === 'destroyed') return { type: 'destroy', source: 'operator' };
  if (after !== 'started') return undefined;
  const pod = currentPod(machine, pods);
  const at = pod && programOf(pod)?.state?.running?.startedAt;
  return { type: 'start', source: 'operator', ...(at && { at: milliTime(new Date(`${at}`)) }) };
}

/** A program that has ended was started first, so that is told before. */
function toldExit(machine: Watched, observed: MachineObserved, exit: SeenExit, now: Date): MachineStatus {
  const { status } = machine;
  const { run, state = 'created' } = status;
  const isCurrent = run?.asked === 'started' && exit.isOfRun && !run.ended;
  const before = isCurrent ? nextState(state, 'started') : state;
  if (before !== state) {
    const started = inState(status, before, now);
    if (before !== 'started') return started;
    const at = exit.startedAt;
    return withEvent(started, { type: 'start', status: before, source: 'operator', ...(at && { at }) }, now);
  }
  const restarting = isCurrent ? isStartedAgain(machine, observed, exit) : run?.asked === 'started' && !run.ended;
  const isLate = exit.isOfRun && run?.asked === 'started' && run.ended;
  const requestedStop = exit.isPodDeleted || (!isCurrent && !isLate);
  const after = isCurrent ? (restarting ? 'starting' : 'stopped') : state;
  const { isOfRun: _, startedAt: __, isPodDeleted: ___, message, ...told } = exit;
  const next: MachineStatus = {
    ...inState(status, after, now),
    ...(!restarting && (isCurrent || isLate || run?.asked !== 'started') && { exitCode: exit.exitCode }),
    ...(run && isCurrent && !restarting && { run: { ...run, ended: true } }),
  };
  const event: Happened = {
    type: 'exit',
    status: after === 'stopping' ? 'stopped' : after,
    source: 'operator',
    at: exit.exitedAt,
    message,
    exit: { ...told, requestedStop, restarting },
  };
  return counted(machine, observed, withEvent(next, event, now));
}

const created = ({ metadata }: ObservedPod) => `${metadata.creationTimestamp ?? ''}`;
