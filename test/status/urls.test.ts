import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ObservedService } from '../../src/api/kubernetes.ts';
import type { Edge } from '../../src/desired/settings.ts';
import { domainsClaim, unservedDomains } from '../../src/status/domains.ts';
import { urlsOf } from '../../src/status/urls.ts';
import { anApp } from '../desired/app-fixture.ts';

type Ports = NonNullable<NonNullable<AppSpecInput['services']>[number]['ports']>;

const gate: Edge = { kind: 'gate', baseDomain: undefined };
const ingress: Edge = { kind: 'ingress', baseDomain: undefined, ingressClass: undefined };
const plain: Ports[number] = { port: 80, handlers: ['http'] };
const secure: Ports[number] = { port: 443, handlers: ['tls', 'http'] };
const bytes: Ports[number] = { port: 443, handlers: ['tls'] };
const mail: Ports[number] = { port: 25 };

const serviceWith = (spec: object, status = {}) =>
  ({ metadata: { name: 'hello', namespace: 'acme' }, spec, status }) as unknown as ObservedService;
const http = serviceWith({ ports: [{ port: 80, protocol: 'TCP', appProtocol: 'http' }] });
const inside = 'http://hello.acme.svc.cluster.local';

function urls(ports: Ports, edge: Edge | undefined, service: ObservedService | undefined = http, tls?: string) {
  const app = anApp({ services: [{ internalPort: 8080, ports }], domains: [{ host: 'a.example' }] });
  const hosts = [{ host: 'a.example', ...(tls && { tlsSecretName: tls }) }, { host: '*.a.example' }];
  const settings = { clusterDomain: 'cluster.local', edge };
  return {
    urls: urlsOf(app, service, { hosts, publicService: undefined }, settings),
    unserved: unservedDomains(app, hosts, service, edge).map(({ host }) => host),
  };
}

describe('where an App answers', () => {
  it.each<[string, Ports, Edge | undefined, string | undefined, string | undefined]>([
    ['by https at gates with the port 443', [plain, secure], gate, undefined, 'https://a.example'],
    ['by http at gates with the port 80 alone', [plain], gate, 'a-tls', 'http://a.example'],
    ['by bytes in TLS at gates', [bytes], gate, undefined, 'tcp://a.example:443'],
    ['by http at an ingress', [plain], ingress, undefined, 'http://a.example'],
    ['by https at an ingress with a certificate', [plain], ingress, 'a-tls', 'https://a.example'],
    ['by https at an ingress with the port 443', [plain, secure], ingress, undefined, 'https://a.example'],
    ['nowhere without an edge', [plain, secure], undefined, undefined, undefined],
  ])('is from outside %s', (_, ports, edge, tls, first) => {
    const found = urls(ports, edge, http, tls);
    expect(found.urls).toEqual([...(first ? [first] : []), inside]);
  });

  it('is no host that leads to no port of it, which is told', () => {
    expect(urls([mail], gate)).toEqual({ urls: [inside], unserved: ['a.example'] });
    expect(urls([secure], ingress, serviceWith({ ports: [] }))).toEqual({ urls: [], unserved: ['a.example'] });
    expect(urls([plain], gate).unserved).toEqual([]);
    const named: Ports[number] = { port: 6379, handlers: ['tls'] };
    expect(urls([named], gate).unserved).toEqual([]);
  });

  it('is at each address of its public Service', () => {
    const ports = [
      { port: 25, protocol: 'TCP' },
      { port: 8443, protocol: 'TCP', appProtocol: 'https' },
    ];
    const ingress = [{ ip: '2001:db8::1' }, { hostname: 'lb.example' }];
    const publicService = serviceWith({ ports }, { loadBalancer: { ingress } });
    const settings = { clusterDomain: 'cluster.local', edge: undefined };
    expect(urlsOf(anApp(), undefined, { hosts: [], publicService }, settings)).toEqual([
      'tcp://[2001:db8::1]:25',
      'https://[2001:db8::1]:8443',
      'tcp://lb.example:25',
      'https://lb.example:8443',
    ]);
  });
});

describe('the condition DomainsImpaired', () => {
  it('is there only while something is wrong, and names each host', () => {
    expect(domainsClaim([])).toEqual([]);
    const problems = ['a', 'b'].map((host) => ({ host, reason: 'HostTaken', message: `is not ${host}` }));
    expect(domainsClaim(problems)).toEqual([
      { type: 'DomainsImpaired', status: 'True', reason: 'HostTaken', message: 'a: is not a; b: is not b' },
    ]);
  });
});
