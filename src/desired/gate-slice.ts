import { createHash } from 'node:crypto';
import type { App } from '../api/app.ts';
import type { EndpointSlice, ObservedPod, Service } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { serviceSliceLabels } from './host-slice.ts';
import { appLabels } from './labels.ts';
import { childName } from './names.ts';
import { servicePortName } from './ports.ts';
import { isReady } from './ready.ts';
import type { WrittenRoute } from './routes.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
type Ports = NonNullable<EndpointSlice['ports']>;

/** Who can take the traffic of an App. */
export interface Takers {
  /** Pods of gates that take traffic. */
  readonly gates: readonly ObservedPod[];
  /** Machines of the App. */
  readonly pods: readonly ObservedPod[];
  /** Name of the gate that had all of it last, where only one has it. */
  readonly owner: string | undefined;
}

/** Name of the slice that leads to the gates. */
export const gateSliceName = (app: string) => childName(app, 'gate');

/**
 * Where the gated ports of an App's Services lead: to the gates. A limit of a machine is exact only where
 * all its traffic goes through one HAProxy, so an App with a `hardLimit` has one gate, and another one as soon as that
 * takes no more. While there is no gate they lead to the machines themselves: without wake and limits, but not to
 * nobody.
 */
export function gateSlices(
  app: App,
  routes: readonly WrittenRoute[],
  takers: Takers,
  services: readonly (Service | undefined)[],
): EndpointSlice[] {
  const own = routes.filter(({ listenPort }) => listenPort !== undefined);
  if (own.length === 0) return [];
  const isLimited = own.some(({ concurrency }) => concurrency?.hardLimit !== undefined);
  const gates = takers.gates.length > 0 && isLimited ? [ownerOf(app, takers.gates, takers.owner)] : takers.gates;
  return services.flatMap((service) => (service ? slicesOf(app, own, { gates, pods: takers.pods }, service) : []));
}

function slicesOf(
  app: App,
  routes: readonly WrittenRoute[],
  { gates, pods }: Pick<Takers, 'gates' | 'pods'>,
  service: Service,
): EndpointSlice[] {
  const ofService = routes.filter(({ port }) => service.spec?.ports?.some(({ name }) => name === portName(port)));
  const isFirst = service.metadata.name === app.metadata.name;
  const name = (...parts: string[]) => childName(app.metadata.name, 'gate', ...(isFirst ? [] : ['public']), ...parts);
  const made = (slice: Leading) => leading(app, service.metadata.name, slice);
  if (gates.length === 0) {
    return ofService.flatMap((route) =>
      made({
        name: name(`${route.port}`),
        ports: [slicePort(route.port, route.internalPort)],
        endpoints: machinesOf(route, pods).flatMap(endpointOf),
      }),
    );
  }
  const ports = ofService.map(({ port, listenPort }) => slicePort(port, listenPort));
  return ports.length > 0 ? made({ name: name(), ports, endpoints: gates.flatMap(endpointOf) }) : [];
}

/** It stays who it is as long as it can: what it has under way counts for the limits. */
function ownerOf({ metadata }: App, gates: readonly ObservedPod[], owner: string | undefined): ObservedPod {
  const rank = (gate: ObservedPod) =>
    createHash('sha256').update(`${metadata.namespace}/${metadata.name} ${gate.metadata.name}`).digest('hex');
  const [first] = gates.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return (gates.find((gate) => gate.metadata.name === owner) ?? first) as ObservedPod;
}

function machinesOf({ machines }: WrittenRoute, pods: readonly ObservedPod[]): ObservedPod[] {
  const { slot, processes = [] } = machines ?? {};
  return pods.filter((pod) => {
    const { labels = {} } = pod.metadata;
    return isReady(pod) && labels[label.slot] === slot && processes.includes(labels[label.process] ?? '');
  });
}

interface Leading {
  readonly name: string;
  readonly ports: Ports;
  readonly endpoints: Endpoint[];
}

function leading(app: App, service: string, { name, ports, endpoints }: Leading): EndpointSlice[] {
  const [first] = endpoints;
  if (!first) return [];
  const { metadata } = app;
  return [
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name,
        namespace: metadata.namespace,
        labels: { ...appLabels(app), ...serviceSliceLabels(service) },
      },
      addressType: first.addresses[0]?.includes(':') ? 'IPv6' : 'IPv4',
      ports,
      endpoints,
    },
  ];
}

function endpointOf({ metadata, spec, status }: ObservedPod): Endpoint[] {
  if (!status?.podIP) return [];
  const { name, namespace = '', uid } = metadata;
  return [
    {
      addresses: [status.podIP],
      conditions: { ready: true },
      ...(spec?.nodeName && { nodeName: spec.nodeName }),
      targetRef: { kind: 'Pod', namespace, name, ...(uid && { uid }) },
    },
  ];
}

const portName = (port: number) => servicePortName('tcp', port);
const slicePort = (port: number, target: number | undefined) => ({
  name: portName(port),
  ...(target !== undefined && { port: target }),
  protocol: 'TCP',
});
