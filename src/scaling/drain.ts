import type { Drained } from '../api/gate.ts';
import type { Stop } from './decide.ts';
import { type Group, runningOf } from './group.ts';
import type { GroupLoad } from './load.ts';
import { whatKubernetesMayTake } from './stop.ts';

/** What has become of a machine that is to be stopped, and of what is around it. */
export interface Draining {
  readonly stop: Stop;
  /** As it is now; undefined where it is scaled no more. */
  readonly group: Group | undefined;
  readonly load: GroupLoad;
  /** What the gates that have to be heard say; undefined for one that did not answer. */
  readonly answers: readonly (Drained | undefined)[];
  readonly elapsedMs: number;
  readonly stopAfterMs: number;
}

/** `done`: nothing is under way any more, and nothing can begin. Else why the machine is to serve again. */
export type Progress = 'wait' | 'done' | { readonly takeBack: string };

/** What goes on for longer than this is not waited for: the machine has something to do after all. */
export const longestDrainMs = 5 * 60_000;

export function drainProgress(draining: Draining): Progress {
  const { stop, load, answers, elapsedMs } = draining;
  const heard = answers.filter((answer) => answer !== undefined);
  const changed = whatChanged(draining);
  if (changed) return { takeBack: changed };
  if (load.waiting > 0 || heard.some(({ held }) => held > 0)) return { takeBack: 'somebody waits for a machine' };
  if (stop.reason === 'idle' && isAtWork(draining, heard)) return { takeBack: 'it got something to do' };
  // Where no gate is ready clients are led to the machines themselves.
  const isEmpty = (answer: Drained | undefined) => answer?.leaving && answer.current === 0 && answer.queued === 0;
  if (load.isKnown && answers.every(isEmpty)) return 'done';
  return elapsedMs < longestDrainMs
    ? 'wait'
    : { takeBack: `it has not come to its end for ${longestDrainMs / 60_000}m` };
}

/** Whether the last machine got something just before the gates were told. */
function isAtWork({ stop, load, stopAfterMs }: Draining, heard: readonly Drained[]): boolean {
  const { total, lastBeganMs } = load.of(stop.machine.name);
  const told = heard.flatMap(({ lastBeganSeconds }) => (lastBeganSeconds === undefined ? [] : lastBeganSeconds * 1000));
  return (
    total > 0 || heard.some(({ current }) => current > 0) || Math.min(lastBeganMs ?? stopAfterMs, ...told) < stopAfterMs
  );
}

/** What the decision was made from, and is not so any more. */
function whatChanged({ stop, group, load }: Draining): string | undefined {
  const region = group?.regions.find(({ workload }) => workload === stop.region.workload);
  if (!group || !region) return 'it is not scaled any more';
  if (group.isReleasing) return 'a release is on its way';
  if (region.replicas !== stop.region.replicas) return `the scale is ${region.replicas} by now`;
  if (runningOf(region) <= region.min) return `${region.min} have to run`;
  const others = group.regions.flatMap(({ machines }) => machines).filter(({ name }) => name !== stop.machine.name);
  const serving = others.filter(({ name }) => load.of(name).isServing);
  if (serving.length > 0 && serving.every(({ name }) => load.of(name).isOverSoft))
    return 'the others have enough to do';
  if (stop.how === 'suspend') return undefined;
  const mayTake = whatKubernetesMayTake(region);
  if (!mayTake.some(({ name }) => name === stop.machine.name)) return 'Kubernetes would stop another one';
  return undefined;
}
