import type { ToldMachine, ToldRoute } from '../../src/api/gate.ts';
import type { Group, Machine, Region } from '../../src/scaling/group.ts';
import { type GateWord, groupLoad } from '../../src/scaling/load.ts';

export const minute = 60_000;

/** One that has been up for an hour. */
export const aMachine = (name: string, more: Partial<Machine> = {}): Machine => ({
  name,
  isReady: true,
  ageMs: 60 * minute,
  upMs: 60 * minute,
  ...more,
});

/** Of so many machines, `web-0` and so on, of which all are asked for. */
export function aRegion(machines: number | readonly Machine[], more: Partial<Region> = {}): Region {
  const workload = more.workload ?? 'web';
  const all =
    typeof machines === 'number'
      ? Array.from({ length: machines }, (_, index) => aMachine(`${workload}-${index}`))
      : machines;
  return {
    kind: 'Deployment',
    workload,
    region: undefined,
    count: Math.max(3, all.length),
    min: 0,
    replicas: all.length + (more.suspended?.length ?? 0),
    mode: 'stop',
    machines: all,
    suspended: [],
    ...more,
  };
}

/** Soft limit of 20 requests on port 80. */
export const aGroup = (regions: readonly Region[], more: Partial<Group> = {}): Group => ({
  name: 'app',
  regions,
  limits: [{ ports: [80], softLimit: 20, type: 'requests' }],
  autoStart: true,
  isReleasing: false,
  ...more,
});

export const aRoute = (machines: readonly ToldMachine[], more: Partial<ToldRoute> = {}): ToldRoute => ({
  route: 'acme.web.80',
  namespace: 'acme',
  app: 'web',
  port: 80,
  held: 0,
  queued: 0,
  machines: [...machines],
  ...more,
});

export const aLoad = (machine: string, current: number, more: Partial<ToldMachine> = {}): ToldMachine => ({
  machine,
  current,
  queued: 0,
  leaving: false,
  ...more,
});

/** A gate that clients are led to. */
export const aWord = (routes: readonly ToldRoute[] | undefined, more: Partial<GateWord> = {}): GateWord => ({
  isReady: true,
  isNeeded: true,
  routes,
  ...more,
});

/** What machines have to do, by their names, as one gate says it. */
export function loadsOf(group: Group, loads: Readonly<Record<string, number>>, more: Partial<ToldRoute> = {}) {
  const machines = Object.entries(loads).map(([name, current]) => aLoad(name, current));
  return groupLoad(group.limits, [aWord([aRoute(machines, more)])]);
}
