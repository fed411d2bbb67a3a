import { edgePort, type Route } from '../api/route.ts';
import type { ConfigFiles } from './config-files.ts';
import { listener } from './listeners.ts';
import type { GateSettings } from './settings.ts';
import type { TlsFiles } from './tls.ts';

/** Routes of which only the bytes inside of TLS are carried, by the name that the client asks for in its first message. */
export const isBytesAtEdge = (route: Route) =>
  edgePort(route) === 443 && route.mode === 'tcp' && route.hosts.length > 0;

/** Where the listeners behind the one that looks at names are. */
export const socketOf = ({ directory }: GateSettings, name: 'tls' | 'raw') => `unix@${directory}/${name}.sock`;

/**
 * Only where there are such routes all of https goes through one more listener, which looks at the name and hands the
 * connection on, with its client, to the one that ends TLS for requests or for bytes.
 */
export function edgeSniSections(
  settings: GateSettings,
  routes: readonly Route[],
  { files, tls, to }: { files: ConfigFiles; tls: TlsFiles; to: (route: Route) => string },
): string[] {
  const { edgeHttps } = settings;
  const secure = routes.filter((route) => edgePort(route) === 443);
  const bytes = secure.filter(isBytesAtEdge);
  if (edgeHttps === undefined || bytes.length === 0) return [];
  const ways = lines(secure, (route) => (isBytesAtEdge(route) ? 'edge-raw' : 'edge-tls'));
  return [
    'frontend edge-sni from tcp-frontend',
    ...[
      // The listener behind it has a line for each of them in the access log.
      'no log',
      ...listener(settings, [{ port: edgeHttps }]),
      'tcp-request inspect-delay 30s',
      'tcp-request content reject unless { req.ssl_hello_type 1 }',
      'tcp-request content set-var(txn.host) req.ssl_sni,lower',
      ...look('tcp-request content', files.path('map', ways)),
      'use_backend %[var(txn.route)] if { var(txn.route) -m found }',
      'default_backend edge-tls',
    ].map((line) => `  ${line}`),
    ...['tls', 'raw'].flatMap((name) => [
      `backend edge-${name}`,
      '  mode tcp',
      '  timeout connect 3s',
      '  timeout server 24d',
      `  server edge ${socketOf(settings, name as 'tls' | 'raw')} send-proxy-v2`,
    ]),
    'frontend edge-raw from tcp-frontend',
    ...[
      `bind ${socketOf(settings, 'raw')} mode 600 accept-proxy ${tls.ofBytes(bytes)}`,
      'tcp-request content set-var(txn.host) ssl_fc_sni,lower',
      ...look('tcp-request content', files.path('map', lines(bytes, to))),
      'use_backend %[var(txn.route)]',
    ].map((line) => `  ${line}`),
  ];
}

const lines = (routes: readonly Route[], value: (route: Route) => string) =>
  routes.flatMap((route) => route.hosts.map((host) => `${host} ${value(route)}\n`)).join('');

/** A name with `*.` for its first label is looked for where there is none for all of it. */
const look = (rule: string, map: string) => [
  `${rule} set-var(txn.route) var(txn.host),map(${map})`,
  `${rule} set-var(txn.route) var(txn.host),regsub(^[^.]*,*),map(${map}) unless { var(txn.route) -m found }`,
];
