import type { Container } from '../api/kubernetes.ts';
import type { ReleaseService, ReleaseSpec } from '../api/release.ts';
import type { ServicePort } from '../api/service.ts';
import type { Metrics } from '../api/storage.ts';
import { appliesTo, type defaultGroup, groupsOf, servicesOf } from './groups.ts';

type ContainerPort = NonNullable<Container['ports']>[number];
type Served = Pick<ReleaseService, 'protocol' | 'internalPort' | 'processes'>;
type Grouped = Parameters<typeof defaultGroup>[0];

/** A spec, as far as it says which group listens on which port: that of a release, or that of an App. */
export type Listening<S extends Served = Served> = Grouped & { readonly services: readonly S[] };

/** Kubernetes's spelling of a protocol. */
export function transport(protocol: 'tcp' | 'udp'): 'TCP' | 'UDP' {
  return protocol === 'tcp' ? 'TCP' : 'UDP';
}

/**
 * The name under which pods publish a port. A Service that targets the name reaches exactly the pods that publish it, so
 * that one Service can lead each of its ports to another process group. Where several sets of groups listen on the same
 * port, each set has a name of its own: `tcp-8080`, `tcp-8080-2`, in the order of the services.
 */
export function portName(spec: Listening, service: Served): string {
  const sets = spec.services.filter((other) => isSamePort(other, service)).map((other) => groupSet(spec, other));
  const index = [...new Set(sets)].indexOf(groupSet(spec, service));
  const name = `${service.protocol}-${service.internalPort}`;
  return index > 0 ? `${name}-${index + 1}` : name;
}

/** The name of a port of an App's Service. */
export function servicePortName(protocol: 'tcp' | 'udp', port: number): string {
  return `${protocol}-${port}`;
}

/** The name under which the pods of a group publish a port of its metrics, which may be one of a service, too. */
export function metricsPortName(spec: Listening, group: string, port: number): string {
  const service = servicesOf(spec, group).find(
    ({ protocol, internalPort }) => protocol === 'tcp' && internalPort === port,
  );
  return service ? portName(spec, service) : `metrics-${port}`;
}

/** The metrics that machines of a group have. */
export function metricsOf(spec: Grouped & { readonly metrics: readonly Metrics[] }, group: string): Metrics[] {
  return spec.metrics.filter((entry) => appliesTo(spec, entry, group));
}

/** The ports that machines of a group publish. */
export function containerPorts(spec: ReleaseSpec, group: string): ContainerPort[] {
  const served = servicesOf(spec, group).map(
    (service) => [portName(spec, service), service.internalPort, transport(service.protocol)] as const,
  );
  const scraped = metricsOf(spec, group).map(({ port }) => [metricsPortName(spec, group, port), port, 'TCP'] as const);
  const byName = new Map([...served, ...scraped].map((port) => [port[0], port]));
  return [...byName.values()].map(([name, containerPort, protocol]) => ({ name, containerPort, protocol }));
}

function isSamePort(one: Served, other: Served): boolean {
  return one.internalPort === other.internalPort && one.protocol === other.protocol;
}

/** Equal for services that lead to the same groups. */
function groupSet(spec: Listening, service: Served): string {
  const names = groupsOf(spec).map(({ name }) => name);
  return JSON.stringify(names.filter((name) => appliesTo(spec, service, name)).sort());
}

/** The single ports of an entry, which may be a range. */
export function portNumbers({ port, startPort, endPort }: ServicePort): number[] {
  if (port !== undefined) return [port];
  if (startPort === undefined || endPort === undefined) return [];
  return Array.from({ length: endPort - startPort + 1 }, (_, index) => startPort + index);
}

/** Whether a port can be served without anything in between: TLS and the PROXY protocol need somebody who speaks them. */
export function isDirect({ handlers }: ServicePort): boolean {
  return handlers.every((handler) => handler === 'http' || handler === 'edgeHttp');
}
