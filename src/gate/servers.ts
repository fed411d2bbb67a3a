import type { Route } from '../api/route.ts';
import { anyAddress } from './config.ts';
import type { Server } from './machine.ts';
import { routeName } from './route-name.ts';
import { serverLine } from './server-line.ts';

/** A server as HAProxy has it. `maintenance`: it gets nothing at all, and can be deleted once nothing is under way. */
export interface Present {
  readonly address: string;
  readonly port: number;
  readonly state: 'ready' | 'drain' | 'maintenance';
}

/** By name. */
export type PresentServers = ReadonlyMap<string, Present>;

/** What makes the servers of a route what they should be. Empty: they are. */
export function serverCommands(route: Route, wanted: readonly Server[], present: PresentServers): string[] {
  const names = new Set(wanted.map(({ name }) => name));
  const gone = [...present].filter(([name]) => !names.has(name));
  return [
    ...wanted.flatMap((server) => wantedCommands(route, server, present.get(server.name))),
    ...gone.flatMap(([name, { state }]) => goneCommands(`${routeName(route)}/${name}`, state)),
  ];
}

function wantedCommands(route: Route, server: Server, present: Present | undefined): string[] {
  const id = `${routeName(route)}/${server.name}`;
  if (!present) {
    return server.leaving ? [] : [`add server ${routeName(route)}/${serverLine(route, server)}`, `enable server ${id}`];
  }
  const state = server.leaving ? 'drain' : 'ready';
  if (!isSameAddress(route, server, present)) {
    const moved = `set server ${id} addr ${server.address} port ${route.internalPort}`;
    return [`set server ${id} state maint`, moved, `set server ${id} state ${state}`];
  }
  return state === present.state ? [] : [`set server ${id} state ${state}`];
}

/** HAProxy refuses to delete while anything is under way, which a slow client may still be reading: it is tried again. */
function goneCommands(id: string, state: Present['state']): string[] {
  return [...(state === 'maintenance' ? [] : [`set server ${id} state maint`]), `del server ${id}`];
}

function isSameAddress({ internalPort }: Route, { address }: Server, present: Present): boolean {
  return present.address === address.toLowerCase() && present.port === internalPort;
}

/** Bits of `srv_admin_state` (management guide, "show servers state"). */
const maintenanceBits = 0x01 | 0x02 | 0x04 | 0x20;
const drainBits = 0x08 | 0x10;

/** The answer to `show servers state`, by backend. */
export function parseServersState(answer: string): Map<string, Map<string, Present>> {
  const backends = new Map<string, Map<string, Present>>();
  for (const line of answer.split('\n')) {
    const [, backend, , name, address, , admin, , , , , , , , , , , , port, ...rest] = line.split(' ');
    if (rest.length < 6 || !backend || !name || !address || line.startsWith('#')) continue;
    if (name === anyAddress) continue;
    const servers = backends.get(backend) ?? new Map<string, Present>();
    servers.set(name, { address, port: Number(port), state: stateOf(Number(admin)) });
    backends.set(backend, servers);
  }
  return backends;
}

function stateOf(admin: number): Present['state'] {
  if (admin & maintenanceBits) return 'maintenance';
  return admin & drainBits ? 'drain' : 'ready';
}
