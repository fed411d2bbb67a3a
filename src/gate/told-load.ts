import type { Drained, ToldMachine, ToldRoute } from '../api/gate.ts';
import type { Route } from '../api/route.ts';
import type { Load, MachineLoad } from './load.ts';

export interface LoadSeen {
  readonly routes: ReadonlyMap<string, Route>;
  /** The route, by its name, in whose backend another one is counted; often itself. */
  readonly backendOf: (route: string) => string;
  readonly load: Load;
  readonly held: ReadonlyMap<string, number>;
  readonly isLeaving: (route: string, machine: string) => boolean;
}

/**
 * All routes, also those where nothing is to be done; machines that have not answered yet are not among theirs. A route
 * that is served by the backend of another one has the same machines with nothing to do, so that nothing counts twice.
 */
export function toldLoad({ routes, backendOf, load, held, isLeaving }: LoadSeen): ToldRoute[] {
  const machines = Map.groupBy(load.machines, ({ route }) => route);
  const queues = new Map(load.routes.map(({ route, queued }) => [route, queued]));
  return [...routes].map(([route, { namespace, app, port }]) => ({
    route,
    namespace,
    app,
    port,
    held: held.get(route) ?? 0,
    queued: queues.get(route) ?? 0,
    machines: withIdle(machines.get(route), machines.get(backendOf(route))).map((one) => ({
      ...one,
      leaving: isLeaving(route, one.machine),
    })),
  }));
}

/** A process that ends may still have the backend that a route had before. */
function withIdle(
  own: readonly MachineLoad[] = [],
  shared: readonly MachineLoad[] = [],
): Omit<ToldMachine, 'leaving'>[] {
  const names = new Set(own.map(({ machine }) => machine));
  const others = shared.filter(({ machine }) => !names.has(machine));
  return [
    ...own.map(({ route: _, ...one }) => one),
    ...others.map(({ machine }) => ({ machine, current: 0, queued: 0 })),
  ];
}

export interface DrainSeen extends Omit<LoadSeen, 'routes' | 'backendOf'> {
  readonly namespace: string;
  readonly machine: string;
  /** Names of the routes that lead to it. */
  readonly toIt: ReadonlySet<string>;
}

/** A machine that is gone from the cluster may still have something under way, and so may a route. */
export function drained({ namespace, machine, toIt, load, held, isLeaving }: DrainSeen): Drained {
  const loads = load.machines.filter((one) => one.machine === machine && one.route.startsWith(`${namespace}.`));
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
