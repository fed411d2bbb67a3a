import type { App } from '../api/app.ts';
import type { Service } from '../api/kubernetes.ts';
import type { Slot } from '../api/release.ts';
import { appLabels, servingSelector } from './labels.ts';
import { isDirect, portName, portNumbers, transport } from './ports.ts';

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/** The Service of an App: all its ports under one name, or none where the App serves nothing directly. */
export function appService(app: App, slot: Slot): Service | undefined {
  const ports = servicePorts(app);
  if (ports.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app.metadata.name, namespace: app.metadata.namespace, labels: appLabels(app) },
    spec: { type: 'ClusterIP', selector: servingSelector(app, slot), ports },
  };
}

function servicePorts(app: App): Port[] {
  return app.spec.services.flatMap((service) =>
    service.ports.filter(isDirect).flatMap((entry) =>
      portNumbers(entry).map((port) => ({
        name: `${service.protocol}-${port}`,
        port,
        protocol: transport(service.protocol),
        targetPort: portName(service),
        ...(entry.handlers.includes('http') && { appProtocol: 'http' }),
      })),
    ),
  );
}
