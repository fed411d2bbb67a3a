import { describe, expect, it } from 'vitest';
import type { NetworkPolicy, ObservedService, Service } from '../../src/api/kubernetes.ts';
import { anApp, childrenOf, settings } from './app-fixture.ts';

const kinds = (spec: Parameters<typeof anApp>[0], observed = {}) =>
  childrenOf(anApp(spec), observed).map(({ kind, metadata }) => `${kind}/${metadata.name}`);

const child = (kind: string, spec: Parameters<typeof anApp>[0], with_ = settings) =>
  childrenOf(anApp(spec), {}, with_).find((item): item is Service | NetworkPolicy => item.kind === kind);

const web = { internalPort: 8080, ports: [{ port: 80, handlers: ['http' as const] }] };
const address = { spec: { clusterIP: '10.0.0.7' } } as ObservedService;

describe('the children of an App', () => {
  it('are its release, a policy, its Services and a Deployment for each group', () => {
    const spec = { services: [{ ...web, processes: ['web'] }], processes: [{ name: 'web' }, { name: 'worker' }] };
    expect(kinds(spec, { service: address })).toEqual([
      'ControllerRevision/hello-r1',
      'NetworkPolicy/hello',
      'Service/hello',
      'EndpointSlice/hello-flycast',
      'Deployment/hello-web',
      'PodDisruptionBudget/hello-web',
      'Deployment/hello-worker',
    ]);
  });

  it('leave out the Service of an App that serves nothing, and the flycast name of one without an address', () => {
    expect(kinds({})).toEqual(['ControllerRevision/hello-r1', 'NetworkPolicy/hello', 'Deployment/hello-app']);
    expect(kinds({ services: [web] })).not.toContain('EndpointSlice/hello-flycast');
  });

  it('lead each port of one Service to the pods that publish it by name', () => {
    const metrics = { internalPort: 9000, protocol: 'udp' as const, ports: [{ startPort: 7000, endPort: 7001 }] };
    expect(child('Service', { services: [web, metrics] })?.spec).toMatchObject({
      selector: { 'airfield.dev/app': 'hello', 'airfield.dev/slot': 'blue' },
      ports: [
        { name: 'tcp-80', port: 80, targetPort: 'tcp-8080', protocol: 'TCP', appProtocol: 'http' },
        { name: 'udp-7000', port: 7000, targetPort: 'udp-9000', protocol: 'UDP' },
        { name: 'udp-7001', port: 7001, targetPort: 'udp-9000', protocol: 'UDP' },
      ],
    });
  });

  it('do not open a port whose TLS nobody would end', () => {
    const https = { internalPort: 8080, ports: [{ port: 443, handlers: ['tls' as const, 'http' as const] }] };
    expect(kinds({ services: [https] })).not.toContain('Service/hello');
  });
});

describe('the NetworkPolicy of an App', () => {
  const own = { 'app.kubernetes.io/managed-by': 'airfield', 'airfield.dev/network': 'default' };

  it("lets in the App's own network and nobody else", () => {
    expect(child('NetworkPolicy', {})?.spec).toEqual({
      podSelector: { matchLabels: { 'airfield.dev/app': 'hello' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels: own } }] }],
    });
  });

  it('lets in the ingress to the ports that are served, and who is listed', () => {
    const network = {
      allowFrom: [
        { namespace: 'ops', app: 'probe', ports: [{ port: 8080 }] },
        { cidr: '10.1.0.0/16' },
        { namespace: 'all' },
      ],
    };
    const spec = child(
      'NetworkPolicy',
      { network, services: [web] },
      { ...settings, ingressNamespaces: ['ingress'] },
    )?.spec;
    const of = (namespace: string) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    });
    expect(spec).toMatchObject({
      ingress: [
        {},
        { from: [of('ingress')], ports: [{ port: 8080, protocol: 'TCP' }] },
        {
          from: [{ ...of('ops'), podSelector: { matchLabels: { 'airfield.dev/app': 'probe' } } }],
          ports: [{ port: 8080, protocol: 'TCP' }],
        },
        { from: [{ ipBlock: { cidr: '10.1.0.0/16' } }] },
        { from: [of('all')] },
      ],
    });
  });

  it('closes the way out only where a list is given, and leaves DNS open', () => {
    const spec = child('NetworkPolicy', { network: { egress: [] } })?.spec;
    expect(spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
      ],
    });
  });
});
