import type { Container } from '../api/kubernetes.ts';
import type { ReleaseService, ReleaseSpec } from '../api/release.ts';
import type { ServicePort } from '../api/service.ts';
import { servicesOf } from './groups.ts';

type ContainerPort = NonNullable<Container['ports']>[number];

/** Kubernetes's spelling of a protocol. */
export function transport(protocol: 'tcp' | 'udp'): 'TCP' | 'UDP' {
  return protocol === 'tcp' ? 'TCP' : 'UDP';
}

/**
 * The name under which pods publish a port. A Service that targets the name reaches exactly the pods that publish it, so
 * that one Service can lead each of its ports to another process group.
 */
export function portName({ protocol, internalPort }: Pick<ReleaseService, 'protocol' | 'internalPort'>): string {
  return `${protocol}-${internalPort}`;
}

/** The ports that machines of a group publish. */
export function containerPorts(spec: ReleaseSpec, group: string): ContainerPort[] {
  const byName = new Map(servicesOf(spec, group).map((service) => [portName(service), service]));
  return [...byName].map(([name, { internalPort, protocol }]) => ({
    name,
    containerPort: internalPort,
    protocol: transport(protocol),
  }));
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
