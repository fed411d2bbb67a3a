import { seconds } from '../api/duration.ts';
import { edgePort, type Route } from '../api/route.ts';
import type { ConfigFiles } from './config-files.ts';
import { isBytesAtEdge, socketOf } from './edge-sni.ts';
import { listener } from './listeners.ts';
import type { GateSettings } from './settings.ts';
import type { TlsFiles } from './tls.ts';
import { time } from './words.ts';

/** Backend for requests that have to come by https. No route has a name without a dot. */
const toHttps = 'to-https';
const longestIdle = 3600;
const unknown = '"no App is served under this host name\\n"';

/** The edge: one listener for all routes with hosts, where the name that a client asks for decides. */
export function edgeSections(
  settings: GateSettings,
  routes: readonly Route[],
  { files, tls, to }: { files: ConfigFiles; tls: TlsFiles; to: (route: Route) => string },
): string[] {
  const { edgeHttp, edgeHttps } = settings;
  if (edgeHttp === undefined && edgeHttps === undefined) return [];
  const served = routes.filter((route) => edgePort(route) && route.mode === 'http');
  const secure = () => tls.ofEdge(served.filter((route) => route.tls));
  const isBehindSni = edgeHttps !== undefined && routes.some(isBytesAtEdge);
  return [
    'frontend edge from http-frontend',
    ...[
      ...listener(settings, [
        ...(edgeHttp === undefined ? [] : [{ port: edgeHttp }]),
        ...(edgeHttps === undefined || isBehindSni ? [] : [{ port: edgeHttps, options: secure() }]),
      ]),
      ...(isBehindSni ? [`bind ${socketOf(settings, 'tls')} mode 600 accept-proxy ${secure()}`] : []),
      `timeout client ${time(longest(served))}`,
      'timeout http-request 30s',
      ...toRoutes(files.path('map', hostMap(served, to))),
    ].map((line) => `  ${line}`),
  ];
}

/** A name with `*.` for its first label is looked for where there is none for all of it. */
function toRoutes(map: string): string[] {
  const isFound = '{ var(txn.route) -m found }';
  const look = (name: string) => `http-request set-var(txn.route) var(txn.scheme),concat(://,${name}),map(${map})`;
  return [
    'http-request set-var(txn.host) req.fhdr(host),field(1,:),lower,rtrim(.)',
    'http-request set-var(txn.domain) var(txn.host),regsub(^[^.]*,*)',
    look('txn.host'),
    `${look('txn.domain')} unless ${isFound}`,
    `http-request return status 404 content-type text/plain string ${unknown} unless ${isFound}`,
    `http-request redirect scheme https code 301 if { var(txn.route) -m str ${toHttps} }`,
    'http-request set-var(txn.service_port,ifnotexists) var(txn.route),field(2,/)',
    'http-request set-var(txn.only_https) bool(true) if { var(txn.route),field(3,/) -m str https }',
    'use_backend %[var(txn.route),field(1,/)]',
  ];
}

/**
 * Where a request leads by its scheme and host: a backend, the port, and `https` where it has to come by that. Where an ingress in front has ended TLS, an App that has nothing but http is asked by
 * https, too; one that has nothing but https says so to whoever comes by http.
 */
export function hostMap(routes: readonly Route[], to: (route: Route) => string): string {
  const wayOf = (route: Route) => `${to(route)}/${route.port}${route.http.forceHttps ? '/https' : ''}`;
  const hostsOf = (route: Route) => route.hosts.map((host) => [host, wayOf(route)] as const);
  const at = (port: number) => routes.filter((route) => edgePort(route) === port).flatMap(hostsOf);
  const [plain, secure] = [at(80), at(443)];
  const entries = new Map([
    ...plain.map(([host, way]) => [`https://${host}`, way] as const),
    ...secure.map(([host, way]) => [`https://${host}`, way] as const),
    ...secure.map(([host]) => [`http://${host}`, toHttps] as const),
    ...plain.map(([host, way]) => [`http://${host}`, way] as const),
  ]);
  return [...entries].map(([host, way]) => `${host} ${way}\n`).join('');
}

/** HAProxy 2.6 knows no time of a client but that of its listener, which at first knows no route. */
function longest(routes: readonly Route[]): number {
  const times = routes.map(({ http }) => (http.idleTimeout ? seconds(http.idleTimeout) : 0));
  return Math.min(
    longestIdle,
    times.reduce((one, other) => Math.max(one, other), 60),
  );
}
