import { isMachine } from './own-servers.ts';
import { type StatRow, statRows } from './stat-rows.ts';

/** What a machine has to do, in one gate. */
export interface MachineLoad {
  readonly route: string;
  readonly machine: string;
  /** Requests that are under way (mode http), or connections (mode tcp). */
  readonly current: number;
  /** Those that wait for this machine alone. */
  readonly queued: number;
  /** Seconds since the last one began. Absent: there has been none since this process of HAProxy took over. */
  readonly lastBeganSeconds?: number;
}

/** What a route has to do, in one gate. */
export interface RouteLoad {
  readonly route: string;
  /** Those that wait for room on any machine, as all are at their hardLimit. Those that wait for a machine: `held`. */
  readonly queued: number;
}

export interface Load {
  readonly machines: readonly MachineLoad[];
  readonly routes: readonly RouteLoad[];
}

/** Asks for backends and their servers: the numbers 2 and 4. */
export const showLoad = 'show stat -1 6 -1';

/** Answers of several processes to `showLoad`, added up. */
export function parseLoad(answers: readonly string[]): Load {
  const machines = new Map<string, MachineLoad>();
  const routes = new Map<string, RouteLoad>();
  for (const row of answers.flatMap((answer) => statRows(answer))) {
    const { pxname: route = '', svname: machine = '' } = row;
    // What leads from one part of the edge to another has no dot in its name.
    if (!route.includes('.')) continue;
    const queued = Number(row.qcur);
    if (machine === 'BACKEND') routes.set(route, { route, queued: queued + (routes.get(route)?.queued ?? 0) });
    else if (isMachine(machine)) {
      const key = `${route}/${machine}`;
      machines.set(key, added({ route, machine, current: Number(row.scur), queued, ...last(row) }, machines.get(key)));
    }
  }
  return { machines: [...machines.values()], routes: [...routes.values()] };
}

/** HAProxy says -1 where there has been none. */
function last({ lastsess = '' }: StatRow): Pick<MachineLoad, 'lastBeganSeconds'> {
  return /^\d+$/.test(lastsess) ? { lastBeganSeconds: Number(lastsess) } : {};
}

function added(one: MachineLoad, other: MachineLoad | undefined): MachineLoad {
  if (!other) return one;
  const times = [one.lastBeganSeconds, other.lastBeganSeconds].filter((seconds) => seconds !== undefined);
  return {
    ...one,
    current: one.current + other.current,
    queued: one.queued + other.queued,
    ...(times.length > 0 && { lastBeganSeconds: Math.min(...times) }),
  };
}
