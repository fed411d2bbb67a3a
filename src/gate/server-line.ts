import { isIPv6 } from 'node:net';
import type { Route } from '../api/route.ts';
import type { Server } from './machine.ts';

/**
 * What stands behind the name of a server, in the configuration as in `add server`, which takes nothing from a
 * `default-server`: without `pool-max-conn` it would keep no connection at all (HAProxy 2.6). Idle connections live for 2 to
 * 4 seconds: Node.js closes them after 5, and a request may not be sent on one that is being closed.
 */
export function serverOptions({ mode, http, proxyProtocol, concurrency }: Route): string {
  return [
    ...(concurrency.hardLimit ? [`maxconn ${concurrency.hardLimit}`] : []),
    ...(mode === 'http' ? ['pool-max-conn -1 pool-purge-delay 2s'] : []),
    ...(mode === 'http' && http.h2Backend ? ['proto h2'] : []),
    ...(proxyProtocol ? [proxyProtocol === 'v1' ? 'send-proxy' : 'send-proxy-v2'] : []),
  ].join(' ');
}

/** `web-1 10.0.0.1:8080 maxconn 5` */
export function serverLine(route: Route, { name, address }: Pick<Server, 'name' | 'address'>): string {
  const host = isIPv6(address) ? `ipv6@${address}` : address;
  return `${name} ${host}:${route.internalPort} ${serverOptions(route)}`.trimEnd();
}

/** As HAProxy writes it in `show stat`: `10.0.0.1:8080`, `[fd00::1]:8080`. */
export const statAddress = ({ internalPort }: Route, { address }: Pick<Server, 'address'>): string =>
  isIPv6(address) ? `[${address.toLowerCase()}]:${internalPort}` : `${address}:${internalPort}`;
