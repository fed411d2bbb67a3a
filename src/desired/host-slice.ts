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

/** An address, and the name under which a headless Service answers with it. */
export interface HostAddress {
  readonly hostname: string;
  readonly address: string;
}

/** `<app>.<service>`: addresses for the name of the App under a headless Service of its namespace. */
export function hostSlice(app: App, service: string, addresses: readonly string[]): EndpointSlice | undefined {
  const hosts = addresses.map((address) => ({ hostname: app.metadata.name, address }));
  return hostSlices(app, appLabels(app), service, hosts, () => childName(app.metadata.name, service))[0];
}

/** `<hostname>.<service>`: as many slices as it takes, called what `nameOf` says of each, counted from 0. */
export function hostSlices(
  { metadata }: { readonly metadata: Pick<App['metadata'], 'namespace'> },
  labels: Readonly<Record<string, string>>,
  service: string,
  hosts: readonly HostAddress[],
  nameOf: (index: number) => string,
): EndpointSlice[] {
  const count = Math.ceil(hosts.length / mostEndpoints);
  return Array.from({ length: count }, (_, index) => {
    const some = hosts.slice(index * mostEndpoints, (index + 1) * mostEndpoints);
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: nameOf(index),
        namespace: metadata.namespace,
        labels: { ...labels, ...serviceSliceLabels(service) },
      },
      addressType: some[0]?.address.includes(':') ? 'IPv6' : 'IPv4',
      endpoints: some.map(({ hostname, address }) => ({
        addresses: [address],
        hostname,
        conditions: { ready: true },
      })),
    };
  });
}
