import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { NetworkPeer } from '../../src/api/network.ts';
import { networkPolicy } from '../../src/desired/network-policy.ts';
import type { Settings } from '../../src/desired/settings.ts';
import { anApp, settings } from './app-fixture.ts';

const metrics = [{ port: 9091 }, { port: 9091, path: '/more' }, { port: 9092 }];
const rules = (spec: Partial<AppSpecInput>, monitoringNamespaces: string[]) =>
  networkPolicy(anApp(spec), { ...settings, monitoringNamespaces }).spec?.ingress?.slice(1);

describe('the NetworkPolicy of an App with metrics', () => {
  it('lets Prometheus in to the ports of the metrics, and to no other', () => {
    const services = [{ internalPort: 8080 }];
    const of = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
    expect(rules({ services, metrics }, ['monitoring', 'grafana'])).toEqual([
      {
        from: [of('monitoring'), of('grafana')],
        ports: [
          { port: 9091, protocol: 'TCP' },
          { port: 9092, protocol: 'TCP' },
        ],
      },
    ]);
  });

  it('lets it in nowhere where there are no metrics, or no namespace is configured', () => {
    expect(rules({ metrics }, [])).toEqual([]);
    expect(rules({}, ['monitoring'])).toEqual([]);
  });
});

describe('the NetworkPolicy of an App with a closed way out', () => {
  const gates = { namespace: 'airfield', certificates: 'airfield', ports: { first: 1, last: 2 }, policies: true };
  const ahead = new Map([
    ['acme/web', [{ listenPort: 20_001, internalPort: 8080 }]],
    [
      'shop/*',
      [
        { listenPort: 20_003, internalPort: 80 },
        { listenPort: 20_002, internalPort: 5432 },
        { listenPort: undefined, internalPort: 9 },
      ],
    ],
  ]);
  const ports = (egress: NetworkPeer[], more: Partial<Settings> = { gates }) => {
    const { spec } = networkPolicy(anApp({ network: { egress } }), { ...settings, ...more }, { ahead });
    const toGates = spec?.egress?.filter(({ to }) => JSON.stringify(to ?? []).includes('"airfield"')) ?? [];
    return toGates.flatMap((rule) => (rule.ports ?? []).map(({ port }) => port));
  };

  it('leads to what gates serve of those that it names, and to nothing else of theirs', () => {
    expect(ports([{ app: 'web' }])).toEqual([20_001]);
    expect(ports([{ namespace: 'shop' }, { app: 'web' }])).toEqual([20_001, 20_002, 20_003]);
    expect(ports([{ namespace: 'shop', ports: [{ port: 5432, protocol: 'tcp' }] }])).toEqual([20_002]);
    expect(ports([{ namespace: 'shop', ports: [{ port: 5432, protocol: 'udp' }] }])).toEqual([]);
    expect(ports([{ app: 'other' }, { cidr: '10.0.0.0/8' }])).toEqual([]);
    expect(ports([{ app: 'web' }], { gates: undefined })).toEqual([]);
  });
});

describe('the NetworkPolicy of an App that changes the port of its machines', () => {
  const now = anApp({ services: [{ internalPort: 9090, ports: [{ port: 70 }] }] });
  const before = anApp({ services: [{ internalPort: 8080, ports: [{ port: 70 }] }] }).spec.services;
  const both = [9090, 8080].map((port) => ({ port, protocol: 'TCP' }));

  it.each<[string, Partial<Settings>]>([
    ['the ingress', { ingressNamespaces: ['edge'] }],
    [
      'gates',
      { gates: { namespace: 'airfield', certificates: 'airfield', ports: { first: 1, last: 2 }, policies: true } },
    ],
    ['everybody, where it is public', { rawPorts: 'loadBalancer' }],
  ])('lets %s in to both, as long as the machines before serve', (_, more) => {
    const { spec } = networkPolicy(now, { ...settings, ...more }, { inTraffic: before });
    expect(spec?.ingress?.slice(1).map(({ ports }) => ports)).toEqual([both]);
  });
});

describe('the NetworkPolicy of an App with checks', () => {
  const services = [{ internalPort: 8080 }];
  const checks = [
    { name: 'up', type: 'http' as const },
    { name: 'admin', type: 'tcp' as const, port: 9000 },
    { name: 'also', type: 'tcp' as const, port: 8080 },
  ];
  const rules = (spec: Partial<AppSpecInput>, operatorNamespace: string | undefined) =>
    networkPolicy(anApp(spec), { ...settings, operatorNamespace }).spec?.ingress?.slice(1);

  it('lets pods of the operator in to the ports of the checks, and to no other', () => {
    expect(rules({ services, checks }, 'airfield')).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'airfield' } },
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'airfield' } },
          },
        ],
        ports: [
          { port: 8080, protocol: 'TCP' },
          { port: 9000, protocol: 'TCP' },
        ],
      },
    ]);
  });

  it('lets it in nowhere where there are no checks, or the operator runs outside of the cluster', () => {
    expect(rules({ services, checks }, undefined)).toEqual([]);
    expect(rules({ services }, 'airfield')).toEqual([]);
  });
});
