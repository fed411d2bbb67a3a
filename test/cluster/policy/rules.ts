import { matches } from './selector.ts';
import type { NetworkPolicy, Peer, Pod, PolicyPort, World } from './types.ts';

/** Addresses at the other end of a connection. */
export type Addresses =
  | 'any'
  | { readonly pods: readonly string[] }
  | { readonly cidr: string; readonly except: readonly string[] };

/** Ports of a connection's destination; `range` absent: every port of the protocol. */
export interface Ports {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly range?: readonly [from: number, to: number];
}

/** What is let through: from or to the addresses, on the ports. */
export interface Allow {
  readonly peer: Addresses;
  readonly ports: 'any' | readonly Ports[];
}

/** A pod that some policy selects. Present direction: only what it lists. Absent: everything. */
export interface PodRules {
  readonly ip: string;
  readonly ingress?: readonly Allow[];
  readonly egress?: readonly Allow[];
}

/** The rules of the node's pods that at least one policy selects, as networking.k8s.io/v1 defines them. */
export function podRules(world: World): PodRules[] {
  return world.pods
    .filter((pod) => pod.spec.nodeName === world.node && isOnNetwork(pod))
    .map((pod) => rulesOf(pod, world))
    .filter((rules) => rules.ingress || rules.egress)
    .sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

const ipOf = (pod: Pod): string => pod.status?.podIP ?? '';

// A finished pod's address may already belong to another; a pod on the host's network has the node's.
const isOnNetwork = (pod: Pod): boolean =>
  ipOf(pod) !== '' && !pod.spec.hostNetwork && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';

function rulesOf(pod: Pod, world: World): PodRules {
  const selecting = world.policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace && matches(spec.podSelector, pod.metadata.labels),
  );
  const ingress = selecting.filter((policy) => typesOf(policy).includes('Ingress'));
  const egress = selecting.filter((policy) => typesOf(policy).includes('Egress'));
  return {
    ip: ipOf(pod),
    ...(ingress.length > 0 && { ingress: ingress.flatMap((policy) => ingressOf(policy, pod, world)) }),
    ...(egress.length > 0 && { egress: egress.flatMap((policy) => egressOf(policy, world)) }),
  };
}

const typesOf = ({ spec }: NetworkPolicy): readonly string[] =>
  spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])];

function ingressOf({ metadata, spec }: NetworkPolicy, pod: Pod, world: World): Allow[] {
  return (spec.ingress ?? []).flatMap(({ from, ports }) => {
    const resolved = ports?.length ? ports.flatMap((port) => portsOf(port, pod)) : 'any';
    return peersOf(from, metadata.namespace, world).map(({ addresses }) => ({ peer: addresses, ports: resolved }));
  });
}

function egressOf({ metadata, spec }: NetworkPolicy, world: World): Allow[] {
  return (spec.egress ?? []).flatMap(({ to, ports }) =>
    peersOf(to, metadata.namespace, world).flatMap(({ addresses, pods }): Allow[] => {
      if (!ports?.length) return [{ peer: addresses, ports: 'any' }];
      const numbers = ports.filter(({ port }) => typeof port !== 'string').flatMap((port) => portsOf(port));
      const names = ports.filter(({ port }) => typeof port === 'string');
      return [
        ...(numbers.length > 0 ? [{ peer: addresses, ports: numbers }] : []),
        // A name means another number on each pod that is spoken to.
        ...(names.length > 0
          ? pods.map((pod) => ({ peer: { pods: [ipOf(pod)] }, ports: names.flatMap((port) => portsOf(port, pod)) }))
          : []),
      ];
    }),
  );
}

/** Each peer's addresses, with the pods among them. No peers at all means everybody. */
function peersOf(peers: readonly Peer[] | undefined, namespace: string | undefined, world: World) {
  const everyPod = world.pods.filter(isOnNetwork);
  if (!peers?.length) return [{ addresses: 'any' as const, pods: everyPod }];
  return peers.flatMap(
    ({ ipBlock, podSelector, namespaceSelector }): { addresses: Addresses; pods: readonly Pod[] }[] => {
      if (ipBlock) {
        // The cluster has IPv4 addresses only.
        return ipBlock.cidr.includes(':')
          ? []
          : [{ addresses: { cidr: ipBlock.cidr, except: ipBlock.except ?? [] }, pods: [] }];
      }
      const namespaces = new Set(
        namespaceSelector
          ? world.namespaces
              .filter(({ metadata }) => matches(namespaceSelector, metadata.labels))
              .map(({ metadata }) => metadata.name)
          : [namespace],
      );
      const pods = everyPod.filter(
        ({ metadata }) => namespaces.has(metadata.namespace) && matches(podSelector, metadata.labels),
      );
      return [{ addresses: { pods: [...new Set(pods.map(ipOf))].sort() }, pods }];
    },
  );
}

const protocols: Readonly<Record<string, Ports['protocol']>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** A port of a policy as numbers; a name is looked up among the ports of `pod`, and may mean none. */
function portsOf({ port, endPort, protocol = 'TCP' }: PolicyPort, pod?: Pod): Ports[] {
  const known = protocols[protocol];
  if (!known) return [];
  if (port === undefined) return [{ protocol: known }];
  if (typeof port === 'number') return [{ protocol: known, range: [port, endPort ?? port] }];
  const sidecars = pod?.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  return [...(pod?.spec.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .filter((it) => it.name === port && (it.protocol ?? 'TCP') === protocol)
    .map(({ containerPort }) => ({ protocol: known, range: [containerPort, containerPort] as const }));
}
