import type { Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Finding } from './doctor-report.ts';
import type { Session } from './session.ts';

const daemonSets: Resource = { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true };

/** Network plugins and agents that enforce NetworkPolicies, by the names of their DaemonSets. */
const enforcing = /calico|canal|cilium|antrea|weave|kube-router|ovn|kindnet|network-polic|anetd|azure-npm|aws-node/;

/** The API takes NetworkPolicies whether anybody enforces them or not: all that can be told is who might. */
export async function checkNetworkPolicies({ client }: Session): Promise<Finding> {
  const check = 'NetworkPolicy';
  const { items } = await client.list<KubeObject>(daemonSets, { metadataOnly: true });
  const known = items.find(({ metadata }) => enforcing.test(metadata.name));
  if (known) return { result: 'ok', check, message: `enforced by ${known.metadata.name}, as it seems` };
  const message = 'no network plugin is seen that enforces them: Apps may then be reached by everybody in the cluster';
  return { result: 'warn', check, message, next: 'try it from a pod of another namespace, or install such a plugin' };
}
