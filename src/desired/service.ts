import type { App } from '../api/app.ts';
import type { Service } from '../api/kubernetes.ts';
import type { Slot } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import { appLabels, servingSelector } from './labels.ts';
import { isDirect, type Listening, portName, portNumbers, transport } from './ports.ts';

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/** The Service of an App: all its ports under one name, or none where the App serves nothing directly. */
export function appService(app: App, services: readonly AppService[], slot: Slot): Service | undefined {
  const ports = servicePorts({ processes: app.spec.processes, services });
  if (ports.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app.metadata.name, namespace: app.metadata.namespace, labels: appLabels(app) },
    spec: { type: 'ClusterIP', selector: servingSelector(app, slot), ports },
  };
}

function servicePorts(spec: Listening<AppService>): Port[] {
  return spec.services.flatMap((service) =>
    service.ports.filter(isDirect).flatMap((entry) =>
      portNumbers(entry).map((port) => ({
        name: `${service.protocol}-${port}`,
        port,
        protocol: transport(service.protocol),
        targetPort: portName(spec, service),
        ...(entry.handlers.includes('http') && { appProtocol: 'http' }),
      })),
    ),
  );
}
