import type { App } from '../api/app.ts';
import type { Service } from '../api/kubernetes.ts';
import type { Slot } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import type { GatePorts } from './gate-targets.ts';
import { directly } from './gated.ts';
import { appLabels, servingSelector } from './labels.ts';
import { childName } from './names.ts';
import { portName } from './ports.ts';
import { rawServices } from './public-ports.ts';
import { nobody, portsTo, portsToGates } from './service.ts';
import type { Edge } from './settings.ts';

/** Not `<app>-public` alone, which is what the Service of another App may be called. */
export const publicServiceName = (app: string) => childName(app, 'public', 'ports');

/** A name that no pod publishes and that says no port: whose a port of the gates is stands in the App's first Service. */
const toGates = 'gates';

/**
 * The way in from outside for ports that no edge serves by host name; undefined where an App has none. What comes to a
 * node without a machine, or a gate, is not taken there, so that the address of the client is kept.
 */
export function publicService(
  app: App,
  services: readonly AppService[],
  slot: Slot,
  { gatePorts, edge }: { readonly gatePorts: GatePorts; readonly edge: Edge | undefined },
): Service | undefined {
  const raw = rawServices(services, edge);
  const spec = { processes: app.spec.processes, services };
  const direct = raw.flatMap((service) => portsTo(directly(service), portName(spec, service)));
  const gated = raw.flatMap((service) => portsToGates(service, gatePorts));
  const ports = [...direct, ...gated.map((port) => ({ ...port, targetPort: toGates }))];
  if (ports.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: publicServiceName(app.metadata.name),
      namespace: app.metadata.namespace,
      labels: appLabels(app),
    },
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      selector: direct.length > 0 ? servingSelector(app, slot) : nobody(app),
      ports,
    },
  };
}
