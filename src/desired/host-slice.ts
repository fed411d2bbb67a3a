import type { App } from '../api/app.ts';
import type { EndpointSlice } from '../api/kubernetes.ts';
import { appLabels } from './labels.ts';
import { childName } from './names.ts';

/** Label by which Kubernetes finds the slices of a Service. */
const serviceName = 'kubernetes.io/service-name';
const slicesManagedBy = 'endpointslice.kubernetes.io/managed-by';

/** What the API server takes in one slice. */
const mostEndpoints = 1000;

/** What makes a slice one of a Service, and tells Kubernetes to leave it alone. */
export function serviceSliceLabels(service: string): Record<string, string> {
  return { [serviceName]: service, [slicesManagedBy]: 'airfield.dev' };
}

/** `<app>.<service>`: addresses for the name of the App under a headless Service of its namespace. */
export function hostSlice(app: App, service: string, addresses: readonly string[]): EndpointSlice | undefined {
  const [first] = addresses;
  if (!first) return undefined;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: childName(app.metadata.name, service),
      namespace: app.metadata.namespace,
      labels: { ...appLabels(app), ...serviceSliceLabels(service) },
    },
    addressType: first.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: addresses
      .slice(0, mostEndpoints)
      .map((address) => ({ addresses: [address], hostname: app.metadata.name, conditions: { ready: true } })),
  };
}
