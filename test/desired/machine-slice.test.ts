import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { type MachineSpecInput, machineSpecSchema } from '../../src/api/machine.ts';
import { machineSlice } from '../../src/desired/machine-slice.ts';
import { networkPolicy } from '../../src/desired/network-policy.ts';
import { appService } from '../../src/desired/service.ts';
import { anApp, settings } from './app-fixture.ts';

type Services = MachineSpecInput['services'];

const web = { internalPort: 3000, ports: [{ port: 80, handlers: ['http' as const] }] };
const metadata = { name: 'one', namespace: 'acme', uid: 'u', generation: 1 };

const machine = (services: Services, cordoned = false) => ({
  metadata,
  spec: machineSpecSchema.parse({ app: 'hello', services, cordoned }),
});
const servicesOf = (services: Services) => machineSpecSchema.parse({ app: 'hello', services }).services;

const pod = (ready: boolean, deletionTimestamp?: string): ObservedPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'one-x', namespace: 'acme', uid: 'p', ...(deletionTimestamp && { deletionTimestamp }) },
  spec: { nodeName: 'n1', containers: [] },
  status: { podIP: '10.0.0.7', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

describe('traffic of an App to a Machine', () => {
  it('goes to the port that it listens on, under the name that the Service has for it', () => {
    const slice = machineSlice(machine([web]), [pod(true)]);
    const service = appService(anApp(), [], 'blue', servicesOf([web]));
    expect(slice).toMatchObject({
      metadata: { labels: { 'kubernetes.io/service-name': 'hello' } },
      ports: [{ name: 'tcp-80', port: 3000, protocol: 'TCP' }],
      endpoints: [{ addresses: ['10.0.0.7'], nodeName: 'n1', targetRef: { name: 'one-x' } }],
    });
    expect(service?.spec?.ports?.map(({ name, port }) => [name, port])).toEqual([['tcp-80', 80]]);
  });

  it.each<[string, ReturnType<typeof machine>, ObservedPod[]]>([
    ['cordoned', machine([web], true), [pod(true)]],
    ['not ready', machine([web]), [pod(false)]],
    ['on its way out', machine([web]), [pod(true, '2026-01-01T00:00:00Z')]],
    ['stopped', machine([web]), []],
    ['without a port that clients connect to', machine([{ internalPort: 3000 }]), [pod(true)]],
  ])('does not go to one that is %s', (_, one, pods) => {
    expect(machineSlice(one, pods)).toBeUndefined();
  });

  it('reaches no machine of the App itself that happens to listen on the same port', () => {
    const app = anApp({ services: [{ internalPort: 3000, ports: [{ port: 8080 }] }] });
    const ports = appService(app, app.spec.services, 'blue', servicesOf([web]))?.spec?.ports ?? [];
    const targets = Object.fromEntries(ports.map(({ name, targetPort }) => [name, targetPort]));
    expect(targets).toEqual({ 'tcp-8080': 'tcp-3000', 'tcp-80': 'm-tcp-3000' });
  });

  it('shares a port with the App, whose own word decides about it', () => {
    const app = anApp({ services: [{ internalPort: 8080, ports: [{ port: 80 }] }] });
    const ports = appService(app, app.spec.services, 'blue', servicesOf([web]))?.spec?.ports;
    expect(ports).toEqual([{ name: 'tcp-80', port: 80, protocol: 'TCP', targetPort: 'tcp-8080' }]);
  });

  it('is the same Service whichever Machine is seen first', () => {
    const other = { internalPort: 4000, ports: [{ port: 80 }] };
    const made = (list: Services) => appService(anApp(), [], 'blue', servicesOf(list));
    expect(made([web, other])).toEqual(made([other, web]));
  });

  it('may come from the ingress', () => {
    const policy = networkPolicy(
      anApp(),
      { ...settings, ingressNamespaces: ['edge'] },
      { machines: servicesOf([web, web]) },
    );
    expect(policy.spec?.ingress?.at(-1)?.ports).toEqual([{ port: 3000, protocol: 'TCP' }]);
  });
});
