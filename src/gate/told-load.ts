import type { Drained, ToldRoute } from '../api/gate.ts';
import type { Route } from '../api/route.ts';
import type { Load } from './load.ts';

export interface LoadSeen {
  readonly routes: ReadonlyMap<string, Route>;
  readonly load: Load;
  readonly held: ReadonlyMap<string, number>;
  readonly isLeaving: (route: string, machine: string) => boolean;
}

/** All routes, also those where nothing is to be done; machines that have not answered yet are not among theirs. */
export function toldLoad({ routes, load, held, isLeaving }: LoadSeen): ToldRoute[] {
  const machines = Map.groupBy(load.machines, ({ route }) => route);
  const queues = new Map(load.routes.map(({ route, queued }) => [route, queued]));
  return [...routes].map(([route, { namespace, app, port }]) => ({
    route,
    namespace,
    app,
    port,
    held: held.get(route) ?? 0,
    queued: queues.get(route) ?? 0,
    machines: (machines.get(route) ?? []).map(({ route: _, ...one }) => ({
      ...one,
      leaving: isLeaving(route, one.machine),
    })),
  }));
}

export interface DrainSeen extends Omit<LoadSeen, 'routes'> {
  readonly machine: string;
  /** Names of the routes of its namespace. */
  readonly inNamespace: ReadonlySet<string>;
  /** Names of those that lead to it. */
  readonly toIt: ReadonlySet<string>;
}

/** A machine that is gone from the cluster may still have something under way. */
export function drained({ machine, inNamespace, toIt, load, held, isLeaving }: DrainSeen): Drained {
  const loads = load.machines.filter((one) => one.machine === machine && inNamespace.has(one.route));
  const times = loads.flatMap(({ lastBeganSeconds }) => lastBeganSeconds ?? []);
  return {
    leaving: [...toIt].every((route) => isLeaving(route, machine)),
    current: sum(loads.map(({ current }) => current)),
    queued: sum(loads.map(({ queued }) => queued)),
    held: sum([...toIt].map((route) => held.get(route) ?? 0)),
    ...(times.length > 0 && { lastBeganSeconds: Math.min(...times) }),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
