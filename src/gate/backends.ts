import type { Route } from '../api/route.ts';
import { routeName } from './route-name.ts';

/**
 * The backend of each route, by names. What a machine may have to do at once, and who waits for one, is counted in a
 * backend, so routes that lead to the same machines in the same way share that of the lowest port.
 */
export function backendNames(routes: readonly Route[]): ReadonlyMap<string, string> {
  const groups = [...Map.groupBy(routes, shared).values()];
  return new Map(
    groups.flatMap((group) => {
      const name = routeName(group.reduce((first, route) => (route.port < first.port ? route : first)));
      return group.map((route) => [routeName(route), name] as const);
    }),
  );
}

/** All of a route but for what its listener does, as text. */
function shared({ listenPort, port, hosts, tls, http, ...route }: Route): string {
  const { forceHttps, headersReadTimeout, responseHeaders, ...options } = http;
  return JSON.stringify([route, options, Object.entries(responseHeaders).toSorted()]);
}
