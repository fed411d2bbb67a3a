import type { Route } from '../api/route.ts';
import type { ConfigFiles } from './config-files.ts';
import { onOneThread } from './listeners.ts';
import { newestProcess } from './own-servers.ts';
import { routeName } from './route-name.ts';
import { httpTimes } from './route-times.ts';
import type { GateSettings } from './settings.ts';
import { word } from './words.ts';

/**
 * A hardLimit is counted by one process, so one that ends gives what comes to it yet, the last requests of connections that
 * are kept, to the newest one. That listens for it on a socket of the backend, whose path is the same for all processes.
 */
export const handoverDefaults = ['defaults handover', '  mode http', '  option abortonclose'];

/** Where the newest process takes what others hand over. All headers are there already, and it is in the log of the other. */
export function handoverFrontend(route: Route, files: ConfigFiles, settings: GateSettings): string[] {
  const name = routeName(route);
  return [
    `frontend handover:${name} from handover`,
    ...[
      `mode ${route.mode}`,
      `bind ${word(`unix@${files.socket(name)}`)} accept-proxy mode 600 ${onOneThread(name, settings)}`,
      ...(route.mode === 'http'
        ? [...httpTimes(route), 'http-request set-var(txn.service_port) req.fhdr(x-forwarded-port)']
        : ['timeout client 24d']),
      `default_backend ${name}`,
    ].map((line) => `  ${line}`),
  ];
}

/** How it gets there, in the backend. The newest process waits as long as the route says; this one waits for it. */
export function handover(route: Route, files: ConfigFiles): string[] {
  const isHttp = route.mode === 'http';
  const server = `server ${newestProcess} ${word(`unix@${files.socket(routeName(route))}`)} weight 0 send-proxy-v2`;
  return [
    ...(isHttp ? ['server', 'tunnel'].map((side) => `http-request set-timeout ${side} 24h if ${isHandedOver}`) : []),
    `use-server ${newestProcess} if ${isHandedOver}`,
    `${server}${isHttp ? ' pool-max-conn 0' : ''}`,
  ];
}

/** Also where a machine has gone in the moment in which somebody was let go to it. */
const isHandedOver = '{ stopping } or { var(txn.address) -m found }';
