import type { Route } from '../api/route.ts';
import { accessLog } from './access-log.ts';
import { backend } from './backend-section.ts';
import { backendNames } from './backends.ts';
import type { Certificate } from './certificates.ts';
import { ConfigFiles } from './config-files.ts';
import { edgeSections } from './edge.ts';
import { edgeSniSections } from './edge-sni.ts';
import { handoverDefaults, handoverFrontend } from './handover.ts';
import { listener, onOneThread, routeVariables } from './listeners.ts';
import type { Server } from './machine.ts';
import { routeName } from './route-name.ts';
import { httpTimes } from './route-times.ts';
import { defaults, type GateSettings, paths } from './settings.ts';
import { httpBackends, httpFrontends, tcpBackends, tcpFrontends } from './shared-sections.ts';
import { TlsFiles, tlsDefaults } from './tls.ts';
import { word } from './words.ts';

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
  const limited = routes.filter((route) => route.concurrency.hardLimit && to(route) === routeName(route));
  const sections = [
    handoverDefaults,
    [...httpFrontends(region, trustedNetworks), ...log.http],
    httpBackends,
    [...tcpFrontends, ...log.tcp],
    tcpBackends,
    edgeSections(settings, routes, { files, tls, to }),
    edgeSniSections(settings, routes, { files, tls, to }),
    ...routes.flatMap((route) => [
      ownPort(route, settings, { tls, to }),
      ...(to(route) === routeName(route) ? [backend(route, servers(route), files)] : []),
    ]),
    ...limited.flatMap((route) => [handoverFrontend(route, files, settings)]),
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
    ...Array.from({ length: threads }, (_, index) => index + 1).map(
      (thread) => `  stats socket ${word(runtime(generation, thread))} mode 600 level admin thread ${thread}`,
    ),
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

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
