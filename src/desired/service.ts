import type { App } from '../api/app.ts';
import type { Service } from '../api/kubernetes.ts';
import type { MachineService } from '../api/machine.ts';
import { label, routesAnnotation } from '../api/meta.ts';
import type { Slot } from '../api/release.ts';
import type { AppService, ServicePort } from '../api/service.ts';
import { type GatePorts, gateTarget } from './gate-targets.ts';
import { directly, gatedPorts } from './gated.ts';
import { appLabels, appSelector, servingSelector } from './labels.ts';
import { isDirect, portName, portNumbers, servicePortName, transport } from './ports.ts';
import type { WrittenRoute } from './routes.ts';

export type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/** What of an App leads through gates, and what they serve of it by its hosts. */
export interface Gated {
  readonly ports: GatePorts;
  readonly routes: readonly WrittenRoute[];
}

const nothingGated: Gated = { ports: new Map(), routes: [] };

/** The Service of an App: all ports of its own and of its Machines under one name, or none where nothing is served. */
export function appService(
  app: App,
  services: readonly AppService[],
  slot: Slot,
  machines: readonly MachineService[] = [],
  gated: Gated = nothingGated,
): Service | undefined {
  const direct = services.flatMap((service) =>
    portsTo(directly(service), portName({ processes: app.spec.processes, services }, service)),
  );
  const toGates = services.flatMap((service) => portsToGates(service, gated.ports));
  const own = [...direct, ...toGates];
  // No machine of the App publishes a port of this name: a slice of each Machine says where it leads to.
  const ofMachines = machines.flatMap((service) => portsTo(service, `m-${service.protocol}-${service.internalPort}`));
  // Of two that are the same the App's own goes first; which Machine is met first must not change the Service.
  const ports = [...new Map([...ofMachines.toSorted(byTarget), ...own].map((port) => [port.name, port])).values()];
  if (ports.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: app.metadata.name,
      namespace: app.metadata.namespace,
      labels: appLabels(app),
      ...(gated.routes.length > 0 && { annotations: { [routesAnnotation]: JSON.stringify(gated.routes) } }),
    },
    spec: {
      type: 'ClusterIP',
      selector: direct.length > 0 || toGates.length === 0 ? servingSelector(app, slot) : nobody(app),
      ports,
    },
  };
}

/**
 * Without a selector Kubernetes would leave behind what it has made for the one before, which leads to pods that may be
 * long gone (endpointslice controller, `syncService`). One that matches no pod has it cleared up.
 */
export function nobody(app: App): Record<string, string> {
  return { ...appSelector(app), [label.slot]: 'gates' };
}

/** Ports that the gates serve, whatever their handlers are. */
export function portsToGates(service: AppService, gatePorts: GatePorts): Port[] {
  const { protocol } = service;
  return gatedPorts(service).flatMap((entry) =>
    portNumbers(entry).flatMap((port) => {
      const name = servicePortName(protocol, port);
      const gatePort = gatePorts.get(name);
      return gatePort === undefined ? [] : [{ ...portOf(entry, protocol, port), targetPort: gateTarget(gatePort) }];
    }),
  );
}

/** Ports that lead to whoever publishes one of this name, but for those that need somebody in between. */
export function portsTo({ ports, protocol }: MachineService, targetPort: string): Port[] {
  return ports
    .filter(isDirect)
    .flatMap((entry) => portNumbers(entry).map((port) => ({ ...portOf(entry, protocol, port), targetPort })));
}

function portOf({ handlers }: ServicePort, protocol: 'tcp' | 'udp', port: number): Port {
  const appProtocol = handlers.includes('tls') ? 'https' : 'http';
  return {
    name: servicePortName(protocol, port),
    port,
    protocol: transport(protocol),
    ...(handlers.includes('http') && { appProtocol }),
  };
}

const byTarget = (a: Port, b: Port) => (`${a.name}/${a.targetPort}` < `${b.name}/${b.targetPort}` ? -1 : 1);
