import type { AppService } from '../api/service.ts';
import { gatedPorts } from './gated.ts';
import { portNumbers, servicePortName } from './ports.ts';

/** Ports of the gates, by the name of the port of the App's Service that each serves. */
export type GatePorts = ReadonlyMap<string, number>;

/**
 * What a port of a Service targets that is served by the gates: a name that no pod publishes, so that Kubernetes leads it
 * nowhere and only our own slice says where it goes. The number in it is where the operator finds it again.
 */
export const gateTarget = (port: number) => `gate-${port}`;

/** The port of the gates that a port of a Service targets; undefined where it targets something else. */
export function gatePortOf(targetPort: string | number | undefined): number | undefined {
  const found = /^gate-(\d{1,5})$/.exec(`${targetPort}`);
  return found ? Number(found[1]) : undefined;
}

/** Names of the ports of an App's Service that the gates serve. */
export function gatedPortNames(services: readonly AppService[]): string[] {
  return services.flatMap((service) =>
    gatedPorts(service)
      .flatMap(portNumbers)
      .map((port) => servicePortName(service.protocol, port)),
  );
}
