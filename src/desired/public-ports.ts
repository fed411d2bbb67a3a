import type { AppService, ServicePort } from '../api/service.ts';
import { portNumbers } from './ports.ts';

/** Whether an edge serves a port by host name: http on 80, https on 443. */
export function isEdgePort({ handlers }: Pick<ServicePort, 'handlers'>, port: number): boolean {
  return handlers.includes('http') && port === (handlers.includes('tls') ? 443 : 80);
}

/**
 * Services with the ports that need an address of their own to be reached from outside, one entry for each port. Postgres
 * without its TLS stays inside.
 */
export function rawServices(services: readonly AppService[]): AppService[] {
  return services.map((service) => ({ ...service, ports: service.ports.flatMap(rawPorts) }));
}

function rawPorts(entry: ServicePort): ServicePort[] {
  if (entry.handlers.includes('pgTls')) return [];
  const { startPort: _, endPort: __, ...rest } = entry;
  const numbers = portNumbers(entry).filter((port) => !isEdgePort(entry, port));
  return numbers.map((port) => ({ ...rest, port }));
}
