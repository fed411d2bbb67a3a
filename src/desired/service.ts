import type { App } from '../api/app.ts';
import type { Service } from '../api/kubernetes.ts';
import type { MachineService } from '../api/machine.ts';
import type { Slot } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import { appLabels, servingSelector } from './labels.ts';
import { isDirect, portName, portNumbers, servicePortName, transport } from './ports.ts';

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/**
 * The Service of an App: all ports of its own and of its Machines under one name, or none where nothing is served
 * directly.
 */
export function appService(
  app: App,
  services: readonly AppService[],
  slot: Slot,
  machines: readonly MachineService[] = [],
): Service | undefined {
  const own = services.flatMap((service) =>
    portsTo(service, portName({ processes: app.spec.processes, services }, service)),
  );
  // No machine of the App publishes a port of this name: a slice of each Machine says where it leads to.
  const ofMachines = machines.flatMap((service) => portsTo(service, `m-${service.protocol}-${service.internalPort}`));
  // Of two that are the same the App's own goes first; which Machine is met first must not change the Service.
  const ports = [...new Map([...ofMachines.toSorted(byTarget), ...own].map((port) => [port.name, port])).values()];
  if (ports.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app.metadata.name, namespace: app.metadata.namespace, labels: appLabels(app) },
    spec: { type: 'ClusterIP', selector: servingSelector(app, slot), ports },
  };
}

function portsTo({ ports, protocol }: MachineService, targetPort: string): Port[] {
  return ports.filter(isDirect).flatMap((entry) =>
    portNumbers(entry).map((port) => ({
      name: servicePortName(protocol, port),
      port,
      protocol: transport(protocol),
      targetPort,
      ...(entry.handlers.includes('http') && { appProtocol: 'http' }),
    })),
  );
}

const byTarget = (a: Port, b: Port) => (`${a.name}/${a.targetPort}` < `${b.name}/${b.targetPort}` ? -1 : 1);
