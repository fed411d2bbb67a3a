import type { App } from '../api/app.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../api/kubernetes.ts';
import type { Machine, MachineService } from '../api/machine.ts';
import { gateLabels, label, manager, operatorLabels } from '../api/meta.ts';
import type { NetworkPeer } from '../api/network.ts';
import type { AppService } from '../api/service.ts';
import { checkedPorts } from './checks.ts';
import { directly } from './gated.ts';
import { appLabels, appSelector, machineLabels } from './labels.ts';
import { machineChildName } from './names.ts';
import { isDirect, transport } from './ports.ts';
import { rawServices } from './public-ports.ts';
import { type RouteAhead, type RoutesAhead, reachedBy } from './reached.ts';
import type { GatesSettings, Settings } from './settings.ts';

type Spec = NonNullable<NetworkPolicy['spec']>;
export type IngressRule = NonNullable<Spec['ingress']>[number];
type EgressRule = NonNullable<Spec['egress']>[number];

/** Label that Kubernetes puts on every namespace. */
const namespaceName = 'kubernetes.io/metadata.name';

/** What is served beside the services that the App asks for. */
export interface AlsoServed {
  /** Those through which traffic comes, which are others while another release serves. */
  readonly inTraffic?: readonly AppService[];
  readonly machines?: readonly MachineService[];
  /** Through gates, of those whom it may connect to. */
  readonly ahead?: RoutesAhead;
}

/**
 * Who may connect to the machines of an App: its own network, the gates, the ingress, Prometheus, the operator, who is
 * listed, and to what is public everybody. Nobody else.
 */
export function networkPolicy(app: App, settings: Settings, also: AlsoServed = {}): NetworkPolicy {
  const { egress } = app.spec.network;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: app.metadata.name, namespace: app.metadata.namespace, labels: appLabels(app) },
    spec: {
      podSelector: { matchLabels: appSelector(app) },
      policyTypes: egress ? ['Ingress', 'Egress'] : ['Ingress'],
      ingress: ingressRules(app, settings, also),
      ...(egress && { egress: [dns, ...egress.map(egressRule), ...toGates(app, settings, also), ...toChecked(app)] }),
    },
  };
}

function ingressRules(app: App, settings: Settings, { inTraffic = [], machines = [] }: AlsoServed): IngressRule[] {
  const own = [...app.spec.services, ...inTraffic];
  const services = [...own, ...machines];
  return [
    ...clientsOf(app, services, settings),
    ...fromOperator(checkedPorts(app.spec), settings),
    ...fromGates(services, settings),
    ...fromOutside(own, settings),
  ];
}

/**
 * Those who may connect to the machines of an App with these services because they use it, and to which of their ports: its
 * own network, the ingress, Prometheus, and who is listed. A peer without a namespace is of that of the App.
 */
export function clientsOf(
  { spec: { network, metrics } }: App,
  services: readonly MachineService[],
  settings: Settings,
): IngressRule[] {
  const sameNetwork = { podSelector: { matchLabels: { [label.managedBy]: manager, [label.network]: network.name } } };
  const rules: IngressRule[] = [{ from: [sameNetwork] }];
  if (settings.ingressNamespaces.length > 0 && services.length > 0) {
    rules.push(fromNamespaces(settings.ingressNamespaces, distinctPorts(services)));
  }
  if (settings.monitoringNamespaces.length > 0 && metrics.length > 0) {
    const ports = [...new Set(metrics.map(({ port }) => port))];
    rules.push(
      fromNamespaces(
        settings.monitoringNamespaces,
        ports.map((port) => ({ port, protocol: 'TCP' })),
      ),
    );
  }
  return [...rules, ...network.allowFrom.map((peer) => ({ from: [peerOf(peer)], ...portsOf(peer) }))];
}

/**
 * Lets the operator ask what the checks of a Machine want to know; undefined where it has none. The policy of its App lets
 * everybody else in.
 */
export function checksPolicy(
  { metadata, spec }: Pick<Machine, 'metadata' | 'spec'>,
  settings: Settings,
): NetworkPolicy | undefined {
  const ingress = fromOperator(checkedPorts(spec), settings);
  if (ingress.length === 0) return undefined;
  const { name, namespace } = metadata;
  const labels = machineLabels(spec.app, name);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: machineChildName(name, 'checks'), namespace, labels },
    spec: {
      podSelector: { matchLabels: { [label.app]: spec.app, [label.machine]: name } },
      policyTypes: ['Ingress'],
      ingress,
    },
  };
}

/** The operator asks what checks want to know. */
function fromOperator(ports: readonly number[], { operatorNamespace }: Settings): IngressRule[] {
  if (!operatorNamespace || ports.length === 0) return [];
  const from = { namespaceSelector: namespaceNamed(operatorNamespace), podSelector: { matchLabels: operatorLabels } };
  return [{ from: [from], ports: ports.map((port) => ({ port, protocol: 'TCP' })) }];
}

function fromGates(services: readonly MachineService[], { gates }: Settings): IngressRule[] {
  const ports = distinctPorts(services.filter(({ protocol }) => protocol === 'tcp'));
  return gates && ports.length > 0 ? [{ from: [podsOf(gates)], ports }] : [];
}

/** A public Service keeps the addresses of clients, which may have any. */
function fromOutside(services: readonly AppService[], { rawPorts, edge }: Settings): IngressRule[] {
  if (rawPorts === 'none') return [];
  const led = rawServices(services, edge).filter((service) => directly(service).ports.some(isDirect));
  return led.length > 0 ? [{ ports: distinctPorts(led) }] : [];
}

function distinctPorts(services: readonly MachineService[]): NetworkPolicyPort[] {
  const ports = services.map(({ internalPort, protocol }) => ({ port: internalPort, protocol: transport(protocol) }));
  return [...new Map(ports.map((port) => [`${port.protocol}/${port.port}`, port])).values()];
}

function fromNamespaces(namespaces: readonly string[], ports: NetworkPolicyPort[]): IngressRule {
  return { from: namespaces.map((namespace) => ({ namespaceSelector: namespaceNamed(namespace) })), ports };
}

/** Names must resolve even where the list of destinations is closed. */
const dns: EgressRule = {
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
};

/** A machine check has to reach the machine that it is about. */
function toChecked(app: App): EgressRule[] {
  const isChecked = app.spec.services.some(({ machineChecks }) => machineChecks?.length);
  return isChecked ? [{ to: [{ podSelector: { matchLabels: appSelector(app) } }] }] : [];
}

function egressRule(peer: NetworkPeer): EgressRule {
  return { to: [peerOf(peer)], ...portsOf(peer) };
}

/** What an App asks of another one that is gated comes to a gate. */
function toGates({ metadata, spec }: App, { gates }: Settings, { ahead = new Map() }: AlsoServed): EgressRule[] {
  const ports = (spec.network.egress ?? []).flatMap((peer) => {
    const routes = ahead.get(reachedBy(peer, metadata.namespace ?? '') ?? '') ?? [];
    return routes.filter((route) => isAbout(peer, route)).flatMap(({ listenPort }) => listenPort ?? []);
  });
  if (!gates || ports.length === 0) return [];
  const sorted = [...new Set(ports)].sort((one, other) => one - other);
  return [{ to: [podsOf(gates)], ports: sorted.map((port) => ({ port, protocol: 'TCP' })) }];
}

const isAbout = ({ ports }: NetworkPeer, { internalPort }: RouteAhead): boolean =>
  !ports || ports.some(({ port, protocol }) => port === internalPort && transport(protocol) === 'TCP');

const podsOf = ({ namespace }: GatesSettings): NetworkPolicyPeer => ({
  namespaceSelector: namespaceNamed(namespace),
  podSelector: { matchLabels: gateLabels },
});

function peerOf({ app, namespace, cidr }: NetworkPeer): NetworkPolicyPeer {
  if (cidr) return { ipBlock: { cidr } };
  return {
    ...(app && { podSelector: { matchLabels: { [label.app]: app } } }),
    ...(namespace && { namespaceSelector: namespaceNamed(namespace) }),
  };
}

function portsOf({ ports }: NetworkPeer): { ports?: NetworkPolicyPort[] } {
  if (!ports) return {};
  return { ports: ports.map(({ port, protocol }) => ({ port, protocol: transport(protocol) })) };
}

/** Selects the namespace of this name. */
export function namespaceNamed(namespace: string): { matchLabels: Record<string, string> } {
  return { matchLabels: { [namespaceName]: namespace } };
}
