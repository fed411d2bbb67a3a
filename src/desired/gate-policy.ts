import type { App } from '../api/app.ts';
import type { NetworkPolicy, NetworkPolicyPeer } from '../api/kubernetes.ts';
import { gateLabels, group, label, manager } from '../api/meta.ts';
import type { AppService } from '../api/service.ts';
import { type GatePorts, gatedPortNames } from './gate-targets.ts';
import { gatePolicyName } from './names.ts';
import { clientsOf, type IngressRule, namespaceNamed } from './network-policy.ts';
import { rawServices } from './public-ports.ts';
import type { WrittenRoute } from './routes.ts';
import type { Settings } from './settings.ts';

/** Which App a policy is of: `namespace/app`. */
const policyOfAnnotation = `${group}/policy-of`;

/** What of an App goes through gates. */
export interface AtGates {
  readonly routes: readonly WrittenRoute[];
  /** Those that the routes are of. */
  readonly services: readonly AppService[];
  readonly gatePorts: GatePorts;
}

/**
 * Who may connect to the ports that gates serve for an App: whoever may connect to the port of its machines that each of
 * them leads to, for a gate asks on behalf of anybody. Undefined where gates serve none of its ports, or where their
 * settings ask for no policies. A policy is about the address and port that a Service has led to, so these are the gates' ports
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/).
 */
export function gatePolicy(app: App, atGates: AtGates, settings: Settings): NetworkPolicy | undefined {
  const { gates } = settings;
  const routes = atGates.routes.filter(({ listenPort }) => listenPort !== undefined);
  if (!gates?.policies || routes.length === 0) return undefined;
  const { namespace = '', name } = app.metadata;
  const key = `${namespace}/${name}`;
  const clients = clientsOf(app, atGates.services, settings).flatMap((rule) => atGatesOf(rule, routes, namespace));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: gatePolicyName(key),
      namespace: gates.namespace,
      // Not that of an App, which would be one of this namespace.
      labels: { [label.name]: 'airfield', [label.managedBy]: manager, [label.gatePolicy]: 'app' },
      annotations: { [policyOfAnnotation]: key },
    },
    spec: {
      podSelector: { matchLabels: gateLabels },
      policyTypes: ['Ingress'],
      ingress: [...clients, ...fromOutside(atGates, settings)],
    },
  };
}

/** `namespace/name` of the App that a policy is of. */
export function policyOf({ metadata }: { readonly metadata: NetworkPolicy['metadata'] | object }): string | undefined {
  const { annotations = {} } = metadata as { annotations?: Record<string, string> };
  const [namespace, app] = annotations[policyOfAnnotation]?.split('/') ?? [];
  return namespace && app ? `${namespace}/${app}` : undefined;
}

/** What a rule for the machines is at the gates: for their ports that lead to the ports which it is about. */
function atGatesOf({ from, ports }: IngressRule, routes: readonly WrittenRoute[], namespace: string): IngressRule[] {
  const led = routes.filter(
    ({ internalPort }) => !ports || ports.some(({ port, protocol }) => port === internalPort && protocol === 'TCP'),
  );
  if (led.length === 0) return [];
  return [{ ...(from && { from: from.map((peer) => elsewhere(peer, namespace)) }), ports: led.map(portOf) }];
}

/** A peer without a namespace is of that of the policy. */
function elsewhere(peer: NetworkPolicyPeer, namespace: string): NetworkPolicyPeer {
  return peer.podSelector && !peer.namespaceSelector ? { ...peer, namespaceSelector: namespaceNamed(namespace) } : peer;
}

/** A public Service keeps the addresses of clients, which may have any. */
function fromOutside({ services, gatePorts }: AtGates, { rawPorts, edge }: Settings): IngressRule[] {
  if (rawPorts === 'none') return [];
  const ports = gatedPortNames(rawServices(services, edge)).flatMap((name) => gatePorts.get(name) ?? []);
  return ports.length > 0 ? [{ ports: ports.map((listenPort) => portOf({ listenPort })) }] : [];
}

const portOf = ({ listenPort }: Pick<WrittenRoute, 'listenPort'>) => ({
  ...(listenPort !== undefined && { port: listenPort }),
  protocol: 'TCP',
});
