import type { Route } from '../api/route.ts';

/** What a route is called in HAProxy and in metrics. No part has a dot in it, and no two routes share a port. */
export function routeName({ namespace, app, listenPort }: Pick<Route, 'namespace' | 'app' | 'listenPort'>): string {
  return `${namespace}.${app}.${listenPort}`;
}

/** Of routes that want the same port the first one keeps it; the others are told why they are not served. */
export function withOwnPorts(routes: readonly Route[]): { served: Route[]; problems: string[] } {
  const owners = new Map<number, Route>();
  const problems: string[] = [];
  for (const route of routes) {
    const owner = owners.get(route.listenPort);
    if (!owner) owners.set(route.listenPort, route);
    else problems.push(`${routeName(route)}: listenPort is that of ${routeName(owner)}: choose another one`);
  }
  return { served: [...owners.values()], problems };
}
