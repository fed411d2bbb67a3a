import type { Route } from '../api/route.ts';
import { isMachine } from './own-servers.ts';
import { routeName } from './route-name.ts';
import { send } from './runtime-socket.ts';
import type { Present } from './servers.ts';
import { statRows } from './stat-rows.ts';

/** By backend, then by name. */
type Servers = Map<string, Map<string, Present>>;

/** The servers of these routes when these commands have been carried out, as HAProxy says. Rejects where it does not answer. */
export async function presentAfter(
  path: string,
  commands: readonly string[],
  routes: readonly Route[],
): Promise<Servers> {
  const states = await send(path, [...commands, ...routes.map((route) => `show servers state ${routeName(route)}`)]);
  if (!states) throw new Error(`HAProxy does not answer on ${path}`);
  const limited = new Set(routes.filter(({ concurrency }) => concurrency.hardLimit).map(routeName));
  // By its name HAProxy would find the frontend, which has the same.
  const ids = [...parseIds(states)].filter(([name]) => limited.has(name)).map(([, id]) => id);
  const stats =
    ids.length > 0
      ? await send(
          path,
          ids.map((id) => `show stat ${id} 4 -1`),
        )
      : '';
  return parseServers(states, stats);
}

/** Bits of `srv_admin_state` (management guide, "show servers state"). 0x04 stays for ever: so it stood in the configuration. */
const maintenanceBits = 0x01 | 0x02 | 0x20;
const drainBits = 0x08 | 0x10;

/** The answers to `show servers state`, and to `show stat` where there are limits. */
export function parseServers(states: string, stats: string): Servers {
  const backends: Servers = new Map();
  const limits = new Map(statRows(stats).map(({ pxname, svname, slim }) => [`${pxname}/${svname}`, Number(slim)]));
  for (const line of states.split('\n')) {
    const [, backend, , name, address, , admin, , , , , , , , , , , , port, ...rest] = line.split(' ');
    if (rest.length < 6 || !backend || !name || !address || line.startsWith('#') || !isMachine(name)) continue;
    const servers = backends.get(backend) ?? new Map<string, Present>();
    const limit = limits.get(`${backend}/${name}`);
    servers.set(name, { address, port: Number(port), state: stateOf(Number(admin)), ...(limit && { limit }) });
    backends.set(backend, servers);
  }
  return backends;
}

function parseIds(states: string): Map<string, string> {
  const lines = [...states.matchAll(/^(\d+) (\S+) \d+ \S+ /gm)];
  return new Map(lines.map(([, id = '', name = '']) => [name, id]));
}

function stateOf(admin: number): Present['state'] {
  if (admin & maintenanceBits) return 'maintenance';
  return admin & drainBits ? 'drain' : 'ready';
}
