import type { AppSpecInput } from '../../src/api/app.ts';
import type { EndpointSlice, ObservedPod, Service } from '../../src/api/kubernetes.ts';
import { gatedPortNames } from '../../src/desired/gate-targets.ts';
import { anApp, childrenOf, settings } from './app-fixture.ts';

export const withGates = {
  ...settings,
  gates: { namespace: 'airfield', ports: { first: 20_000, last: 29_999 }, policies: false, certificates: 'airfield' },
} as const;

type Services = NonNullable<AppSpecInput['services']>;

/** A pod that is ready, on a node and with an address. */
export const readyPod = (name: string, podIP: string, labels: Record<string, string> = {}): ObservedPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'acme', uid: name, labels },
  spec: { nodeName: 'node-1', containers: [] },
  status: { podIP, conditions: [{ type: 'Ready', status: 'True' }] },
});

export const gates = [readyPod('gate-a', '10.0.0.1'), readyPod('gate-b', '10.0.0.2')];

/** The children of an App with these services that concern its traffic; its gated ports get 20001, 20002 and so on. */
export function trafficOf(services: Services, observed: object = {}, spec: Partial<AppSpecInput> = {}) {
  const app = anApp({ ...spec, services });
  const names = gatedPortNames(app.spec.services);
  const gatePorts = new Map(names.map((name, index) => [name, 20_001 + index]));
  const children = childrenOf(app, { gates, gatePorts, ...observed }, withGates);
  return {
    service: children.find(({ kind }) => kind === 'Service') as Service | undefined,
    slices: children.filter(({ kind }) => kind === 'EndpointSlice') as EndpointSlice[],
    children,
  };
}
