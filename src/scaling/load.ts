import type { ToldRoute } from '../api/gate.ts';
import type { Limit } from './limits.ts';

/** What one gate says of an App. */
export interface GateWord {
  /** Whether clients are led to it. One that is not may still have connections. */
  readonly isReady: boolean;
  /** Whether it has to be heard before a machine may be stopped. */
  readonly isNeeded: boolean;
  /** The routes of the App; undefined where the gate did not answer. */
  readonly routes: readonly ToldRoute[] | undefined;
}

export interface MachineLoad {
  /** What is under way, for each limit. */
  readonly perLimit: readonly number[];
  readonly total: number;
  /** Whether it is at or over the soft limit of any service. */
  readonly isOverSoft: boolean;
  /** Since the last request or connection began, in milliseconds; undefined where none is remembered. */
  readonly lastBeganMs: number | undefined;
  /** Whether any gate has had an answer of it. */
  readonly isServing: boolean;
  /** Whether any gate would give it something new. */
  readonly takesNew: boolean;
}

export interface GroupLoad {
  /** Whether all have been heard; else it is a part of the load. */
  readonly isKnown: boolean;
  /** Who waits for a machine, or for room on any. */
  readonly waiting: number;
  readonly of: (machine: string) => MachineLoad;
}

/** What the machines of a group have to do, over all gates. */
export function groupLoad(limits: readonly Limit[], words: readonly GateWord[]): GroupLoad {
  const heard = words.filter(({ routes }) => routes !== undefined);
  const perLimit = limits.map(({ ports }) => heard.flatMap(({ routes = [] }) => routes.filter(servesAny(ports))));
  const machines = perLimit.map((routes) => Map.groupBy(routes.flatMap(machinesOf), ({ machine }) => machine));
  return {
    isKnown: isKnown(limits, words),
    waiting: sum(perLimit.flat().map(({ held, queued }) => held + queued)),
    of: (name) =>
      machineLoad(
        limits,
        machines.map((byName) => byName.get(name) ?? []),
      ),
  };
}

/** Where no gate is ready traffic goes past all of them. A gate that has not got a route yet will have it. */
function isKnown(limits: readonly Limit[], words: readonly GateWord[]): boolean {
  const ports = limits.flatMap(({ ports }) => ports);
  const says = ({ routes }: GateWord) => ports.every((port) => routes?.some((route) => route.port === port));
  return (
    ports.length > 0 && words.some(({ isReady }) => isReady) && words.filter(({ isNeeded }) => isNeeded).every(says)
  );
}

function machineLoad(
  limits: readonly Limit[],
  told: readonly (readonly ToldRoute['machines'][number][])[],
): MachineLoad {
  const perLimit = told.map((loads) => sum(loads.map(({ current, queued }) => current + queued)));
  const times = told.flat().flatMap(({ lastBeganSeconds }) => lastBeganSeconds ?? []);
  return {
    perLimit,
    total: sum(perLimit),
    isOverSoft: perLimit.some((load, index) => load >= (limits[index]?.softLimit ?? 0)),
    lastBeganMs: times.length > 0 ? Math.min(...times) * 1000 : undefined,
    isServing: told.some((loads) => loads.length > 0),
    takesNew: told.flat().some(({ leaving }) => !leaving),
  };
}

const servesAny = (ports: readonly number[]) => (route: ToldRoute) => ports.includes(route.port);
const machinesOf = ({ machines }: ToldRoute) => machines;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
