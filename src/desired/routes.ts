import type * as z from 'zod';
import type { App } from '../api/app.ts';
import type { Slot } from '../api/release.ts';
import { routeSchema } from '../api/route.ts';
import type { AppService, ServicePort } from '../api/service.ts';
import type { GatePorts } from './gate-targets.ts';
import { isGatedPort } from './gated.ts';
import { appliesTo, defaultGroup } from './groups.ts';
import type { AppHost } from './hosts.ts';
import { portNumbers, servicePortName } from './ports.ts';
import { isEdgePort } from './public-ports.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

/** A route as it is written: what is as usual is left out. */
export type WrittenRoute = z.input<typeof routeSchema>;

/** What the routes of an App are made of. */
export interface Routed {
  readonly app: App;
  /** Those through which traffic comes. */
  readonly services: readonly AppService[];
  /** The set of machines that gets it. */
  readonly slot: Slot;
  readonly workloads: readonly Workload[];
  readonly gatePorts: GatePorts;
  readonly hosts: readonly AppHost[];
  readonly settings: Pick<Settings, 'edge'>;
}

/** How gates serve an App: one route for each gated port, and for each other one that they serve by its hosts alone. */
export function routesOf(routed: Routed): WrittenRoute[] {
  const services = routed.services.filter(({ protocol }) => protocol === 'tcp');
  return services.flatMap((service) =>
    service.ports.flatMap((entry) => portNumbers(entry).flatMap((port) => routeOf(routed, service, entry, port))),
  );
}

function routeOf(routed: Routed, service: AppService, entry: ServicePort, port: number): WrittenRoute[] {
  const { app, slot, gatePorts } = routed;
  const isGated = isGatedPort(service, entry);
  const listenPort = isGated ? gatePorts.get(servicePortName('tcp', port)) : undefined;
  const hosts = hostsOf(routed, entry, port);
  if (isGated ? listenPort === undefined : hosts.length === 0) return [];
  const { name, namespace } = app.metadata;
  const wake = workloadsToWake(routed, service);
  const isHttp = entry.handlers.includes('http');
  const http = isHttp ? httpOf(entry) : undefined;
  return [
    {
      namespace,
      app: name,
      ...(listenPort !== undefined && { listenPort }),
      ...(hosts.length > 0 && { hosts }),
      port,
      internalPort: service.internalPort,
      mode: isHttp ? 'http' : 'tcp',
      ...(http && { http }),
      ...(entry.handlers.includes('tls') && { tls: tlsOf(entry) }),
      ...(entry.handlers.includes('proxyProto') && { proxyProtocol: entry.proxyProtoOptions?.version ?? 'v1' }),
      ...(service.concurrency && { concurrency: service.concurrency }),
      // Where nothing can be started a request is not held for it.
      ...((!service.autoStart || wake.length === 0) && { autoStart: false }),
      machines: { slot, processes: service.processes ?? [defaultGroup(app.spec)] },
      ...(service.autoStart && wake.length > 0 && { wake }),
    },
  ];
}

/** By its hosts the edge knows where a request leads, and a port with TLS which certificates it has. */
function hostsOf({ hosts, settings }: Routed, entry: ServicePort, port: number): string[] {
  const isAtEdge = settings.edge?.kind === 'gate' && isEdgePort(entry, port, settings.edge);
  return isAtEdge || entry.handlers.includes('tls') ? hosts.map(({ host }) => host) : [];
}

function tlsOf({ tlsOptions: { alpn, versions, defaultSelfSigned } = {} }: ServicePort): WrittenRoute['tls'] {
  return {
    ...(alpn?.length && { alpn }),
    ...(versions?.length && { versions }),
    ...(defaultSelfSigned && { selfSigned: true }),
  };
}

function httpOf({ forceHttps, httpOptions = {} }: ServicePort): WrittenRoute['http'] {
  const { response, ...options } = httpOptions;
  const http = {
    ...(forceHttps && { forceHttps }),
    ...options,
    ...(response?.pristine && { pristine: true }),
    ...(response?.headers && { responseHeaders: response.headers }),
  };
  return Object.keys(http).length > 0 ? http : undefined;
}

/** Of several regions the primary one goes first: a request says nothing of where it comes from. */
function workloadsToWake({ app, slot, workloads }: Routed, service: AppService): NonNullable<WrittenRoute['wake']> {
  const candidates = workloads.filter(
    (workload) =>
      workload.scale !== undefined &&
      workload.role === 'machines' &&
      workload.slot === slot &&
      workload.count > 0 &&
      appliesTo(workload.release.spec, service, workload.group.name),
  );
  const isPrimary = ({ region }: Workload) => region === app.spec.primaryRegion;
  return candidates
    .toSorted((a, b) => Number(isPrimary(b)) - Number(isPrimary(a)))
    .flatMap(({ kind, name }) => (kind === 'Job' ? [] : [{ kind, name }]));
}

/** What a gate would refuse in the routes of an App, in words that name the port and what to write; undefined: nothing. */
export function routeProblem(routes: readonly WrittenRoute[]): string | undefined {
  for (const route of routes) {
    const issue = routeSchema.safeParse(route).error?.issues[0];
    if (issue) return `the port ${route.port} cannot be served: ${issue.path.join('.')}: ${issue.message}`;
  }
  return undefined;
}
