import { stringify } from 'yaml';
import type { ClusterEntry } from '../kube/kubeconfig.ts';

export interface TokenAccess {
  readonly cluster: ClusterEntry;
  readonly namespace: string;
  /** Of the token, and so of the user in the kubeconfig. */
  readonly name: string;
  readonly token: string;
}

/** A whole kubeconfig with nothing in it but this token. */
export function tokenKubeconfig({ cluster, namespace, name, token }: TokenAccess): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: 'cluster', user: name, namespace } }],
    'current-context': name,
  });
}
