import type { ObservedPod } from '../api/kubernetes.ts';
import type { MachineExit, MachineStatus } from '../api/machine-status.ts';
import { label } from '../api/meta.ts';
import { isOfRun } from '../desired/machine-runs.ts';
import { exit } from '../release/machine-trouble.ts';
import { keptEvents, milliTime } from './machine-events.ts';

type ContainerStatus = NonNullable<NonNullable<ObservedPod['status']>['containerStatuses']>[number];
type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** An end of the program of a Machine. */
export interface SeenExit extends Pick<MachineExit, 'exitCode' | 'signal' | 'oomKilled'> {
  /** Whether it was in the run that was asked for last. */
  readonly isOfRun: boolean;
  readonly container: string;
  readonly startedAt: string | undefined;
  readonly exitedAt: string;
  /** In a sentence, with the last words of a program that failed. */
  readonly message: string;
  /** Whether its pod was on its way out. */
  readonly isPodDeleted: boolean;
}

/** What the pod of a Machine says of the program itself, whose container has the name of the process group. */
export function programOf({ metadata, status }: ObservedPod): ContainerStatus | undefined {
  return status?.containerStatuses?.find(({ name }) => name === metadata.labels?.[label.process]);
}

/** The ends that have not been told yet, the oldest first; without those of a Machine of this name that was there before. */
export function untoldExits(status: MachineStatus, pods: readonly ObservedPod[]): SeenExit[] {
  const { events = [], createdAt = '' } = status;
  const told = new Set(events.map(({ exit }) => exit?.container));
  // What is older than a full list was told once, and has left it.
  const since = events.length < keptEvents ? '' : (events.at(-1)?.timestamp ?? '');
  return pods
    .filter(({ metadata }) => milliTime(new Date(`${metadata.creationTimestamp}`)) >= createdAt)
    .flatMap((pod) => exitsOf(pod, status))
    .filter(({ container, exitedAt }) => !told.has(container) && exitedAt > since)
    .sort((a, b) => (a.exitedAt < b.exitedAt ? -1 : 1));
}

function exitsOf(pod: ObservedPod, of: MachineStatus): SeenExit[] {
  const { state, lastState } = programOf(pod) ?? {};
  return [lastState?.terminated, state?.terminated].flatMap((ended) =>
    ended ? [{ ...exitOf(pod, ended), isOfRun: isOfRun(pod, of) }] : [],
  );
}

function exitOf(pod: ObservedPod, ended: Ended): Omit<SeenExit, 'isOfRun'> {
  const { exitCode, reason, containerID } = ended;
  const finished = ended.finishedAt ?? pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp;
  const exitedAt = milliTime(new Date(`${finished}`));
  // A program that a signal has ended is told by the runtime as 128 and its number.
  const signal = ended.signal || (exitCode > 128 && exitCode < 192 ? exitCode - 128 : undefined);
  return {
    container: containerID ? shortId(containerID) : `${pod.metadata.name}/${exitedAt}`,
    exitCode,
    ...(signal && { signal }),
    oomKilled: reason === 'OOMKilled',
    startedAt: ended.startedAt ? milliTime(new Date(`${ended.startedAt}`)) : undefined,
    exitedAt,
    message: exit(ended).slice(0, 1024),
    isPodDeleted: pod.metadata.deletionTimestamp !== undefined,
  };
}

/** `containerd://0123456789abcdef…`: as container tools show it. */
const shortId = (id: string) => id.slice(id.lastIndexOf('/') + 1).slice(0, 12);
