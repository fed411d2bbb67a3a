import type { App } from '../api/app.ts';
import type { EndpointSlice, ObservedService } from '../api/kubernetes.ts';
import { flycastService } from './internal.ts';
import { appLabels } from './labels.ts';
import { childName } from './names.ts';

/** Label by which Kubernetes finds the slices of a Service. */
const serviceName = 'kubernetes.io/service-name';
const slicesManagedBy = 'endpointslice.kubernetes.io/managed-by';

/** `<app>.flycast`: the address of the App's Service, as an endpoint of the headless Service `flycast`. */
export function flycastSlice(app: App, service: ObservedService | undefined): EndpointSlice | undefined {
  const address = service?.spec?.clusterIP;
  if (!address || address === 'None') return undefined;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: childName(app.metadata.name, flycastService),
      namespace: app.metadata.namespace,
      labels: { ...appLabels(app), [serviceName]: flycastService, [slicesManagedBy]: 'airfield.dev' },
    },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], hostname: app.metadata.name, conditions: { ready: true } }],
  };
}
