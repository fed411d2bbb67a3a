import type { Route } from '../api/route.ts';
import type { Haproxy } from './haproxy.ts';
import { threadOf } from './listeners.ts';
import { defaults, type GateSettings } from './settings.ts';

/**
 * Where the process that has just been loaded is told of the servers of a route: where there is a limit, on the thread that
 * serves its backend.
 */
export function serverSockets(
  settings: GateSettings,
  haproxy: Pick<Haproxy, 'socket' | 'socketOf'>,
): (name: string, route: Route) => string {
  const { threads = defaults.threads } = settings;
  const any = haproxy.socket;
  const own = Array.from({ length: threads }, (_, index) => haproxy.socketOf(index + 1));
  return (name, { concurrency }) => (concurrency.hardLimit ? own[threadOf(name, settings) - 1] : undefined) ?? any;
}
