import { seconds } from '../api/duration.ts';
import type { Route } from '../api/route.ts';
import { accessLog } from './access-log.ts';
import { backendNames } from './backends.ts';
import type { Certificate } from './certificates.ts';
import { ConfigFiles } from './config-files.ts';
import { edgeSections } from './edge.ts';
import { edgeSniSections } from './edge-sni.ts';
import { compression, responseRules } from './http-rules.ts';
import { listener, onOneThread, routeVariables } from './listeners.ts';
import type { Server } from './machine.ts';
import { routeName } from './route-name.ts';
import { serverLine, serverOptions } from './server-line.ts';
import { defaults, type GateSettings, paths } from './settings.ts';
import { httpBackends, httpFrontends, tcpBackends, tcpFrontends } from './shared-sections.ts';
import { TlsFiles, tlsDefaults } from './tls.ts';
import { time, word } from './words.ts';

/** The server of a process that takes no others any more: it leads to the address that `hold` has been told. */
export const anyAddress = '_any';

export type ServersOf = (route: Route) => readonly Server[];

/** What is to be served. */
export interface Served {
  readonly routes: readonly Route[];
  readonly servers: ServersOf;
  readonly certificates: readonly Certificate[];
  /** Key and certificate in PEM of what has no other. */
  readonly selfSigned: () => string;
}

export interface HaproxyConfig {
  /** The whole haproxy.cfg. `generation` is counted up with each one that a gate loads. */
  readonly text: (generation: number) => string;
  /** What has to lie in the folder of the gate before. */
  readonly files: ConfigFiles;
}

export function haproxyConfig(settings: GateSettings, served: Served): HaproxyConfig {
  const { region, trustedNetworks = [] } = settings;
  const log = accessLog(settings.accessLog ?? false);
  const files = new ConfigFiles(settings.directory);
  const tls = new TlsFiles(files, served.certificates, served.selfSigned);
  const { routes, servers } = served;
  const backends = backendNames(routes);
  const to = (route: Route) => backends.get(routeName(route)) ?? routeName(route);
  const sections = [
    [...httpFrontends(region, trustedNetworks), ...log.http],
    httpBackends,
    [...tcpFrontends, ...log.tcp],
    tcpBackends,
    edgeSections(settings, routes, { files, tls, to }),
    edgeSniSections(settings, routes, { files, tls, to }),
    ...routes.flatMap((route) => [
      ownPort(route, settings, { tls, to }),
      ...(to(route) === routeName(route) ? [backend(route, servers(route))] : []),
    ]),
  ];
  const text = sections.flat().join('\n');
  return { text: (generation) => `${globalSection(settings, generation).join('\n')}\n${text}\n`, files };
}

/**
 * A head of 15 kB, as with HAProxy's defaults, fits into a buffer beside what a route may add to it. Without `strict-limits off` HAProxy would not start where
 * it may open fewer files than `maxconn` needs.
 */
function globalSection(settings: GateSettings, generation: number): string[] {
  const { runtime, lua } = paths(settings);
  const { threads = defaults.threads, maxConnections = defaults.maxConnections } = settings;
  return [
    'global',
    `  nbthread ${threads}`,
    `  maxconn ${maxConnections}`,
    '  no strict-limits',
    '  tune.bufsize 20480',
    '  tune.maxrewrite 5120',
    `  stats socket ${word(runtime(generation))} mode 600 level admin`,
    '  stats timeout 1h',
    `  lua-load-per-thread ${word(lua)}`,
    ...tlsDefaults,
  ];
}

/** A listener that only this route has. */
function ownPort(
  route: Route,
  settings: GateSettings,
  { tls, to }: { tls: TlsFiles; to: (route: Route) => string },
): string[] {
  const { listenPort, mode } = route;
  if (listenPort === undefined) return [];
  const options = [
    ...(route.tls ? [tls.ofRoute(route)] : []),
    ...(route.concurrency.hardLimit ? [onOneThread(to(route), settings)] : []),
  ].join(' ');
  return [
    `frontend ${routeName(route)} from ${mode}-frontend`,
    ...indented([
      ...listener(settings, [{ port: listenPort, options }]),
      ...(mode === 'http' ? [...httpTimes(route), ...routeVariables(route)] : []),
      `default_backend ${to(route)}`,
    ]),
  ];
}

function backend(route: Route, servers: readonly Server[]): string[] {
  const isHttp = route.mode === 'http';
  const isToTold = '{ var(txn.address) -m found }';
  return [
    `backend ${routeName(route)} from ${route.mode}-backend`,
    ...indented([
      `timeout queue ${time(seconds(route.hold.time))}`,
      ...(isHttp ? [`timeout server ${idleTime(route)}`, `timeout tunnel ${idleTime(route, 3600)}`] : []),
      ...(isHttp ? responseRules(route) : []),
      ...(isHttp && route.http.compress ? compression : []),
      ...(isHttp && route.concurrency.type === 'connections' && route.concurrency.hardLimit ? eachItsOwn : []),
      ...(route.concurrency.hardLimit ? [fullQueue(route)] : []),
      ...(isHttp ? ['use-server %[var(txn.machine)] if { var(txn.machine) -m found }'] : []),
      `use-server ${anyAddress} if ${isToTold}`,
      `server ${anyAddress} 0.0.0.0:0 weight 0 ${serverOptions(route)}`.trimEnd(),
      ...servers.filter(({ leaving }) => !leaving).map((server) => `server ${serverLine(route, server)}`),
    ]),
  ];
}

/** As on Fly, a limit of connections is kept by not sharing them: each request has one that is closed behind it. */
const eachItsOwn = ['option http-server-close', 'http-reuse never'];

function fullQueue({ mode, hold }: Route): string {
  const isFull = `if { queue ge ${hold.number} }`;
  return mode === 'tcp'
    ? `tcp-request content reject ${isFull}`
    : `http-request return status 503 content-type text/plain hdr Retry-After 5 string "all machines of this App are at their hardLimit: try again\\n" ${isFull}`;
}

function httpTimes(route: Route): string[] {
  return [`timeout client ${idleTime(route)}`, `timeout http-request ${time(seconds(route.http.headersReadTimeout))}`];
}

function idleTime({ http }: Route, otherwise = 60): string {
  return time(http.idleTimeout ? seconds(http.idleTimeout) : otherwise);
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
