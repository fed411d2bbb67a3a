import { type Group, type Machine, placeOf, type Region, runningOf } from './group.ts';
import type { Limit } from './limits.ts';
import type { GroupLoad, MachineLoad } from './load.ts';
import { resumedMessage } from './resume.ts';

export interface Start {
  readonly region: Region;
  /** The suspended machine that is to run again; undefined: a new one is. */
  readonly resume: Machine | undefined;
  /** How many are asked for then. */
  readonly replicas: number;
  /** What is done and why, for people. */
  readonly message: string;
}

/** A machine that no gate has had an answer of for so long does not come: it is not waited for. */
const longestComingMs = 60_000;

/**
 * Fly's rule: where all machines that run are at or over their soft limit, one more is started: a suspended one first. Gates do not tell regions
 * apart, so one that has room anywhere is enough. What is known of the load may be less than there is, never more.
 * https://fly.io/docs/reference/fly-proxy-autostop-autostart/
 */
export function startOf(group: Group, load: GroupLoad): Start | undefined {
  const { regions, limits } = group;
  const machines = regions.flatMap(({ machines }) => machines);
  const serving = machines.filter(({ name }) => load.of(name).isServing);
  const isComing = ({ name, ageMs }: Machine) => !load.of(name).isServing && ageMs < longestComingMs;
  if (!group.autoStart || serving.length === 0 || machines.some(isComing) || regions.some(isMissing)) return undefined;
  if (!serving.every(({ name }) => load.of(name).isOverSoft)) return undefined;
  const region = whereToStart(regions, load);
  if (!region) return undefined;
  const why = `all running ones are over the soft limit of ${limitText(limits, serving, load)}`;
  const [resume] = region.suspended;
  if (resume)
    return { region, resume, replicas: region.replicas, message: resumedMessage(group, region, resume.name, why) };
  const replicas = region.replicas + 1;
  const message = `started machine ${replicas} of ${region.count} of ${placeOf(group, region)}: ${why}`;
  return { region, resume, replicas, message };
}

/** Where machines run and one more may; else the first region with room. */
function whereToStart(regions: readonly Region[], load: GroupLoad): Region | undefined {
  const withRoom = regions.filter((region) => runningOf(region) < region.count);
  return withRoom.find(({ machines }) => machines.some(({ name }) => load.of(name).isServing)) ?? withRoom[0];
}

/** What was begun no longer ago has been begun just now. */
const justNowMs = 5000;

/** Whether somebody waits for the machines of a region, or has been served by one just now. */
export function isAtWork({ machines }: Region, load: GroupLoad): boolean {
  const loads = machines.map(({ name }) => load.of(name));
  const isBusy = ({ total, lastBeganMs = Number.POSITIVE_INFINITY }: MachineLoad) =>
    total > 0 || lastBeganMs < justNowMs;
  return load.waiting > 0 || loads.some(isBusy);
}

/** One that is asked for and is not even a pod. */
const isMissing = (region: Region) => runningOf(region) > region.machines.length;

/** The limit that the first machine is over. */
function limitText(limits: readonly Limit[], [first]: readonly Machine[], load: GroupLoad): string {
  const { perLimit } = load.of(first?.name ?? '');
  const limit = limits.find(({ softLimit }, index) => (perLimit[index] ?? 0) >= softLimit);
  return `${limit?.softLimit} ${limit?.type}`;
}
