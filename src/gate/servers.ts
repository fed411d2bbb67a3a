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
  const state = wantedState(server);
  if (!present) {
    const added = `add server ${routeName(route)}/${serverLine(route, server)}`;
    return server.leaving ? [] : [added, ...changed(route, server, 'maintenance', state)];
  }
  if (!isSameAddress(route, server, present)) {
    const moved = `set server ${id} addr ${server.address} port ${route.internalPort}`;
    return [`set server ${id} state maint`, moved, ...changed(route, server, 'maintenance', state)];
  }
  const isLimitWrong = state === 'ready' && present.state === 'ready' && server.room && server.room !== present.limit;
  return isLimitWrong ? [limit(route, server)] : changed(route, server, present.state, state);
}

/**
 * From one state to another. A server that leaves maintenance gets as much out of the queue of its backend as its limit is,
 * and HAProxy 2.6 counts that later, so that others come in between (`pendconn_grab_from_px`). One that leaves a drain gets
 * nothing by that; what waits comes with the limit, and is counted at once.
 */
function changed(route: Route, server: Server, from: Present['state'], to: Present['state']): string[] {
  if (from === to) return [];
  const set = (state: Present['state']) => `set server ${routeName(route)}/${server.name} state ${words[state]}`;
  if (to !== 'ready' || !route.concurrency.hardLimit) return [set(to)];
  return [...(from === 'drain' ? [] : [set('drain')]), set('ready'), limit(route, server)];
}

function limit(route: Route, { name, room = route.concurrency.hardLimit }: Server): string {
  return `set maxconn server ${routeName(route)}/${name} ${room}`;
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
