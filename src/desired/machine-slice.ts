import type { EndpointSlice, ObservedPod } from '../api/kubernetes.ts';
import type { MachineService } from '../api/machine.ts';
import { label, manager } from '../api/meta.ts';
import type { Meta } from '../api/read.ts';
import { serviceSliceLabels } from './host-slice.ts';
import { childName } from './names.ts';
import { isDirect, portNumbers, servicePortName, transport } from './ports.ts';
import { isReady } from './ready.ts';

type Port = NonNullable<EndpointSlice['ports']>[number];

/** A Machine, as far as it serves. */
export interface ServingMachine {
  readonly metadata: Meta;
  readonly spec: {
    readonly app: string;
    readonly services: readonly MachineService[];
    readonly cordoned: boolean;
  };
}

/**
 * How traffic of an App gets to one of its Machines: a slice of the App's Service beside those that Kubernetes makes for
 * the machines of the App itself. So a Machine that is cordoned gets none at once, and its pod stays as it is.
 */
export function machineSlice(
  { metadata, spec }: ServingMachine,
  pods: readonly ObservedPod[],
): EndpointSlice | undefined {
  const ports = spec.services.flatMap(portsOf);
  const pod = pods.find(isReady);
  const address = pod?.status?.podIP;
  if (spec.cordoned || ports.length === 0 || !address) return undefined;
  const { name, namespace = '', uid } = pod.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: childName(spec.app, 'machine', metadata.name),
      namespace: metadata.namespace,
      labels: {
        [label.managedBy]: manager,
        [label.app]: spec.app,
        [label.machine]: metadata.name,
        ...serviceSliceLabels(spec.app),
      },
    },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    ports,
    endpoints: [
      {
        addresses: [address],
        conditions: { ready: true },
        ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
        targetRef: { kind: 'Pod', namespace, name, ...(uid && { uid }) },
      },
    ],
  };
}

function portsOf({ internalPort, protocol, ports }: MachineService): Port[] {
  return ports.filter(isDirect).flatMap((entry) =>
    portNumbers(entry).map((port) => ({
      name: servicePortName(protocol, port),
      port: internalPort,
      protocol: transport(protocol),
    })),
  );
}
