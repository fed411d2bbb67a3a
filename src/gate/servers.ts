import type { Route } from '../api/route.ts';
import type { Server } from './machine.ts';
import { routeName } from './route-name.ts';
import { serverLine } from './server-line.ts';

/** A server as HAProxy has it. `maintenance`: it gets nothing at all, and can be deleted once nothing is under way. */
export interface Present {
  readonly address: string;
  readonly port: number;
  readonly state: 'ready' | 'drain' | 'maintenance';
  /** Its `maxconn`, where it has one and it was asked for. */
  readonly limit?: number;
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
  const limit = server.room && server.room !== present?.limit ? [`set maxconn server ${id} ${server.room}`] : [];
  if (!present) {
    if (server.leaving) return [];
    const added = `add server ${routeName(route)}/${serverLine(route, server)}`;
    return [added, ...(server.room === 0 ? [] : [...limit, `enable server ${id}`])];
  }
  const state = wantedState(server);
  if (!isSameAddress(route, server, present)) {
    const moved = `set server ${id} addr ${server.address} port ${route.internalPort}`;
    const back = state === 'maintenance' ? [] : [...limit, `set server ${id} state ${state}`];
    return [`set server ${id} state maint`, moved, ...back];
  }
  const isLimitWrong = state === 'ready' && limit.length > 0;
  return [
    ...(isLimitWrong ? limit : []),
    ...(state === present.state ? [] : [`set server ${id} state ${words[state]}`]),
  ];
}

function wantedState({ leaving, room }: Server): Present['state'] {
  if (leaving) return 'drain';
  return room === 0 ? 'maintenance' : 'ready';
}

const words = { ready: 'ready', drain: 'drain', maintenance: 'maint' } as const;

/** HAProxy refuses to delete while anything is under way, which a slow client may still be reading: it is tried again. */
function goneCommands(id: string, state: Present['state']): string[] {
  return [...(state === 'maintenance' ? [] : [`set server ${id} state maint`]), `del server ${id}`];
}

function isSameAddress({ internalPort }: Route, { address }: Server, present: Present): boolean {
  return present.address === address.toLowerCase() && present.port === internalPort;
}
