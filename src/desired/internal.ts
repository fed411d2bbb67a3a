import type { Service } from '../api/kubernetes.ts';
import { label, manager } from '../api/meta.ts';

/** Name of the headless Service that answers `<app>.internal` with the addresses of the App's ready machines. */
export const internalService = 'internal';

/** Name of the headless Service that answers `<app>.flycast` with the address of the App's Service. */
export const flycastService = 'flycast';

/**
 * The two Services that every namespace with Apps has. A pod's search path makes `hello.internal` into
 * `hello.internal.<namespace>.svc.cluster.local`, so nothing has to be changed in the cluster's DNS.
 */
export function namespaceServices(namespace: string): Service[] {
  return [
    headless(namespace, internalService, { selector: { [label.managedBy]: manager } }),
    headless(namespace, flycastService, {}),
  ];
}

function headless(namespace: string, name: string, spec: Service['spec']): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { [label.managedBy]: manager } },
    spec: { type: 'ClusterIP', clusterIP: 'None', ...spec },
  };
}
