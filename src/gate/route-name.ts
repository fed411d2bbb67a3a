import type { Route } from '../api/route.ts';

/** What a route is called in HAProxy and in metrics. No part has a dot in it, and no two routes share a port. */
export function routeName({
  namespace,
  app,
  listenPort,
  port,
}: Pick<Route, 'namespace' | 'app' | 'listenPort' | 'port'>) {
  return `${namespace}.${app}.${listenPort ?? `edge-${port}`}`;
}

/** Whose route has this name. */
export function appOfRoute(name: string): { namespace: string; app: string } {
  const [namespace = '', app = ''] = name.split('.');
  return { namespace, app };
}
