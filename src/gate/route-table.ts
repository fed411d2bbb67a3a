import { readRoutes, type ServiceWithRoutes } from '../api/read-routes.ts';
import type { Route } from '../api/route.ts';
import { byAge, type Dated } from './age.ts';
import { isWithin, type PortRange } from './config-env.ts';
import { withOwnClaims } from './route-claims.ts';
import { routeName } from './route-name.ts';

export type DatedService = ServiceWithRoutes & Dated;

type Read = ReturnType<typeof readRoutes>;

/**
 * The routes of all Services that a gate can serve, and what is wrong with the others. Of two that want the same port, or the
 * same host, the one of the older Service has it, so that whoever comes later takes nothing away.
 */
export function routeTable(
  services: readonly DatedService[],
  ports: PortRange,
  read: (service: DatedService) => Read = readRoutes,
): { routes: Route[]; problems: string[] } {
  const all = services.toSorted(byAge).map(read);
  const routes = all.flatMap((one) => one.routes);
  const isAllowed = ({ listenPort }: Route) => listenPort === undefined || isWithin(ports, listenPort);
  const { served, problems } = withOwnClaims(routes.filter(isAllowed));
  const outside = routes.filter((route) => !isAllowed(route));
  return {
    routes: served,
    problems: [
      ...all.flatMap((one) => one.problems),
      ...outside.map((route) => `${routeName(route)}: listenPort must be from ${ports.first} to ${ports.last}`),
      ...problems,
    ],
  };
}
