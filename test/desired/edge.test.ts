import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { EndpointSlice, HttpRoute, Ingress, NetworkPolicy, Service } from '../../src/api/kubernetes.ts';
import { readRoutes } from '../../src/api/read-routes.ts';
import { gatedPortNames } from '../../src/desired/gate-targets.ts';
import { withoutGates } from '../../src/desired/gated.ts';
import type { Settings } from '../../src/desired/settings.ts';
import { anApp, childrenOf, settings } from './app-fixture.ts';
import { gates, withGates } from './gated-app.ts';

type Services = NonNullable<AppSpecInput['services']>;

const baseDomain = 'apps.example.com';
const gateEdge = { ...withGates, edge: { kind: 'gate', baseDomain } } as const;
const hosts = [{ host: 'hello.apps.example.com' }, { host: 'hello.example.org', tlsSecretName: 'hello-tls' }];
const names = hosts.map(({ host }) => host);

function childrenAt(settings: Settings, services: Services, more: object = {}) {
  const asked = anApp({ services });
  const app = settings.gates ? asked : withoutGates(asked);
  const gatePorts = new Map(gatedPortNames(app.spec.services).map((name, index) => [name, 20_001 + index]));
  const children = childrenOf(app, { hosts, gatePorts, gates: settings.gates ? gates : [], ...more }, settings);
  const find = <T>(kind: string) => children.filter((child) => child.kind === kind) as T[];
  const [service, publicService] = find<Service>('Service');
  return { children, service, publicService, find };
}

const plain = { port: 80, handlers: ['http' as const] };
const secure = { port: 443, handlers: ['tls' as const, 'http' as const] };
const web: Services[number] = { internalPort: 8080, ports: [plain, secure] };

function routesAt(settings: Settings, services: Services) {
  const { service } = childrenAt(settings, services);
  const { routes, problems } = readRoutes(service as Parameters<typeof readRoutes>[0]);
  expect(problems).toEqual([]);
  return routes;
}

describe('the edge of the gates', () => {
  it('serves the hosts of an App, also on a port that is direct inside of the cluster', () => {
    const [http, https] = routesAt(gateEdge, [web]);
    expect(http).toMatchObject({ port: 80, hosts: names, mode: 'http', autoStart: false });
    expect(http?.listenPort).toBeUndefined();
    expect(https).toMatchObject({ port: 443, listenPort: 20_001, hosts: names, tls: {} });
    const { service } = childrenAt(gateEdge, [web]);
    expect(service?.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['tcp-8080', 'gate-20001']);
  });

  it('has no slice for a port that is direct', () => {
    const { find } = childrenAt(gateEdge, [{ internalPort: 8080, ports: [plain] }]);
    expect(find<EndpointSlice>('EndpointSlice')).toEqual([]);
  });

  it('does TLS as the App wants it', () => {
    const tlsOptions = { alpn: ['h2' as const], versions: ['TLSv1.3' as const], defaultSelfSigned: true };
    const [route] = routesAt(gateEdge, [{ internalPort: 8080, ports: [{ ...secure, tlsOptions }] }]);
    expect(route?.tls).toEqual({ alpn: ['h2'], versions: ['TLSv1.3'], selfSigned: true });
    const nothing = { alpn: [], versions: [] };
    const [usual] = routesAt(gateEdge, [{ internalPort: 8080, ports: [{ ...secure, tlsOptions: nothing }] }]);
    expect(usual?.tls).toEqual({ versions: ['TLSv1.2', 'TLSv1.3'], selfSigned: false });
  });

  it('knows other ports with TLS by the hosts for their certificates, and those without not at all', () => {
    const ports = [
      { port: 5432, handlers: ['tls' as const] },
      { port: 8080, handlers: ['http' as const] },
    ];
    const routes = routesAt(gateEdge, [{ internalPort: 5432, autoStop: 'stop', ports }]);
    expect(routes.map(({ port, hosts }) => [port, hosts])).toEqual([
      [5432, names],
      [8080, []],
    ]);
  });

  it('is not there without the setting', () => {
    const routes = routesAt(withGates, [web]);
    expect(routes.map(({ port }) => port)).toEqual([443]);
  });
});

describe('an ingress of the cluster', () => {
  const edge = { kind: 'ingress', baseDomain, ingressClass: 'nginx' } as const;

  it('leads all hosts to the Service, with the certificates of those that have one', () => {
    const { find } = childrenAt({ ...settings, edge }, [web]);
    const http = {
      paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'hello', port: { number: 80 } } } }],
    };
    expect(find<Ingress>('Ingress')[0]?.spec).toEqual({
      ingressClassName: 'nginx',
      rules: names.map((host) => ({ host, http })),
      tls: [{ secretName: 'hello-tls', hosts: ['hello.example.org'] }],
    });
  });

  it('is led to the first port that speaks http where 80 does not', () => {
    const ports = [
      { port: 8443, handlers: secure.handlers },
      { port: 8080, handlers: plain.handlers },
    ];
    const { find } = childrenAt({ ...settings, edge }, [{ internalPort: 8080, ports }]);
    expect(JSON.stringify(find('Ingress'))).toContain('"number":8080');
  });

  it('is asked for nothing where there is nothing to serve', () => {
    const tcp = [{ internalPort: 25, ports: [{ port: 25 }] }];
    expect(childrenAt({ ...settings, edge }, tcp).find('Ingress')).toEqual([]);
    expect(childrenAt({ ...settings, edge }, [web], { hosts: [] }).find('Ingress')).toEqual([]);
    expect(childrenAt(settings, [web]).find('Ingress')).toEqual([]);
  });
});

describe('a Gateway of the cluster', () => {
  const edge = { kind: 'httproute', baseDomain, gateway: { namespace: 'infra', name: 'public' } } as const;

  it('has an HTTPRoute with all hosts', () => {
    const [route, ...more] = childrenAt({ ...settings, edge }, [web]).find<HttpRoute>('HTTPRoute');
    expect(more).toEqual([]);
    expect(route?.spec).toEqual({
      parentRefs: [{ namespace: 'infra', name: 'public' }],
      hostnames: names,
      rules: [{ backendRefs: [{ name: 'hello', port: 80 }] }],
    });
  });

  it('has several where one cannot hold them', () => {
    const many = Array.from({ length: 33 }, (_, index) => ({ host: `h${index}.example.org` }));
    const routes = childrenAt({ ...settings, edge }, [web], { hosts: many }).find<HttpRoute>('HTTPRoute');
    expect(routes.map(({ spec }) => (spec.hostnames as string[]).length)).toEqual([16, 16, 1]);
    expect(new Set(routes.map(({ metadata }) => metadata.name)).size).toBe(3);
  });
});

describe('the public Service of an App', () => {
  const rawPorts = 'loadBalancer';
  const raw: Services = [
    web,
    { internalPort: 25, ports: [{ port: 25 }] },
    { internalPort: 53, protocol: 'udp', ports: [{ port: 53 }] },
    { internalPort: 6379, ports: [{ port: 6379, handlers: ['tls'] }] },
    { internalPort: 5432, ports: [{ port: 5432, handlers: ['pgTls'] }] },
    { internalPort: 9000, ports: [{ startPort: 9000, endPort: 9001 }] },
  ];

  it('has the ports that no edge serves by name, of machines and of gates', () => {
    const { publicService } = childrenAt({ ...gateEdge, rawPorts }, raw);
    expect(publicService?.metadata.name).toMatch(/^hello-public-/);
    expect(publicService?.spec).toMatchObject({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      selector: { 'airfield.dev/slot': 'blue' },
    });
    expect(publicService?.spec?.ports?.map(({ name, targetPort }) => `${name} ${targetPort}`)).toEqual([
      'tcp-25 tcp-25',
      'udp-53 udp-53',
      'tcp-9000 tcp-9000',
      'tcp-9001 tcp-9000',
      'tcp-6379 gates',
    ]);
  });

  it('leads what is gated to the ports of the gates that the first Service has, in a slice of its own', () => {
    const { service, publicService, find } = childrenAt({ ...gateEdge, rawPorts }, raw);
    const slices = find<EndpointSlice>('EndpointSlice').map(({ metadata, ports }) => [
      metadata.labels['kubernetes.io/service-name'],
      ports?.map(({ name, port }) => `${name} ${port}`),
    ]);
    expect(slices).toEqual([
      [service?.metadata.name, ['tcp-443 20001', 'tcp-6379 20002']],
      [publicService?.metadata.name, ['tcp-6379 20002']],
    ]);
    expect(publicService?.metadata.annotations).toBeUndefined();
  });

  it('selects nobody where all of it is gated', () => {
    const { publicService } = childrenAt({ ...withGates, rawPorts }, [raw[3] as Services[number]]);
    expect(publicService?.spec?.selector).toMatchObject({ 'airfield.dev/slot': 'gates' });
  });

  it('has TLS that is not http on 443 only where no gate serves it by name', () => {
    const tls: Services = [{ internalPort: 443, ports: [{ port: 443, handlers: ['tls'] }] }];
    expect(childrenAt({ ...gateEdge, rawPorts }, tls).publicService).toBeUndefined();
    expect(childrenAt({ ...withGates, rawPorts }, tls).publicService?.spec?.ports).toHaveLength(1);
  });

  it('is not there without the setting, nor without such ports', () => {
    expect(childrenAt(gateEdge, raw).publicService).toBeUndefined();
    expect(childrenAt({ ...gateEdge, rawPorts }, [web]).publicService).toBeUndefined();
  });

  it('is let in to the machines, and only to what it leads to', () => {
    const [policy] = childrenAt({ ...gateEdge, rawPorts }, raw).find<NetworkPolicy>('NetworkPolicy');
    const open = policy?.spec?.ingress?.filter(({ from }) => from === undefined);
    expect(open).toEqual([
      {
        ports: [
          { port: 25, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
          { port: 9000, protocol: 'TCP' },
        ],
      },
    ]);
    const [closed] = childrenAt(gateEdge, raw).find<NetworkPolicy>('NetworkPolicy');
    expect(closed?.spec?.ingress?.every(({ from }) => from)).toBe(true);
  });
});
