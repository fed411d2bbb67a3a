import type { AppService, ServicePort } from '../api/service.ts';
import { portNumbers } from './ports.ts';
import type { Edge } from './settings.ts';

/** Whether an edge serves a port by host name: http on 80, https on 443, and at gates all that is in TLS on 443. */
export function isEdgePort({ handlers }: Pick<ServicePort, 'handlers'>, port: number, edge: Edge | undefined): boolean {
  const [http, tls] = [handlers.includes('http'), handlers.includes('tls')];
  return (port === 80 && http && !tls) || (port === 443 && tls && (http || edge?.kind === 'gate'));
}

/**
 * Services with the ports that need an address of their own to be reached from outside, one entry for each port. Postgres
 * without its TLS stays inside.
 */
export function rawServices(services: readonly AppService[], edge: Edge | undefined): AppService[] {
  return services.map((service) => ({ ...service, ports: service.ports.flatMap((entry) => rawPorts(entry, edge)) }));
}

function rawPorts(entry: ServicePort, edge: Edge | undefined): ServicePort[] {
  if (entry.handlers.includes('pgTls')) return [];
  const { startPort: _, endPort: __, ...rest } = entry;
  const numbers = portNumbers(entry).filter((port) => !isEdgePort(entry, port, edge));
  return numbers.map((port) => ({ ...rest, port }));
}
