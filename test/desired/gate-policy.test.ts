import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { gatePolicy, policyOf } from '../../src/desired/gate-policy.ts';
import { gatedPortNames } from '../../src/desired/gate-targets.ts';
import { feasible } from '../../src/desired/gated.ts';
import { routesOf } from '../../src/desired/routes.ts';
import type { Settings } from '../../src/desired/settings.ts';
import { anApp, aPlan } from './app-fixture.ts';
import { withGates } from './gated-app.ts';

type Services = NonNullable<AppSpecInput['services']>;

const closed: Settings = { ...withGates, gates: { ...withGates.gates, policies: true } };
const web: Services[number] = { internalPort: 8080, autoStop: 'stop', ports: [{ port: 80, handlers: ['http'] }] };
const database: Services[number] = { internalPort: 5432, autoStop: 'stop', ports: [{ port: 6543 }] };
const plain: Services[number] = { internalPort: 9000, ports: [{ port: 9000 }] };

/** The policy of the App `hello` of `acme`; its gated ports have 20001, 20002 and so on at the gates. */
function policy(spec: Partial<AppSpecInput>, settings: Settings = closed) {
  const app = feasible(anApp(spec), settings);
  const plan = aPlan(app);
  const names = gatedPortNames(app.spec.services);
  const gatePorts = new Map(names.map((name, index) => [name, 20_001 + index]));
  const routes = routesOf({ app, ...plan, gatePorts, hosts: [], settings });
  return gatePolicy(app, { routes, services: plan.services, gatePorts }, settings);
}
const rules = (...given: Parameters<typeof policy>) => policy(...given)?.spec?.ingress;

const namespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
const pods = (matchLabels: Record<string, string>) => ({ podSelector: { matchLabels } });
const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: 'TCP' }));
const network = (name = 'default') => ({
  ...namespace('acme'),
  ...pods({ 'app.kubernetes.io/managed-by': 'airfield', 'airfield.dev/network': name }),
});

describe('the policy of the gates for an App', () => {
  it('stands with the gates, is of that App, and closes the way in', () => {
    const made = policy({ services: [web] });
    expect(made?.metadata).toMatchObject({ namespace: 'airfield', name: expect.stringMatching(/^acme-hello-\w{8}$/) });
    expect(made && policyOf(made)).toBe('acme/hello');
    // An App of the gates' own namespace may have this name.
    expect(made?.metadata.labels).not.toHaveProperty(['airfield.dev/app']);
    expect(made?.spec).toMatchObject({
      ...pods({ 'app.kubernetes.io/name': 'airfield', 'app.kubernetes.io/component': 'gate' }),
      policyTypes: ['Ingress'],
    });
  });

  it('lets the private network of the App in to its ports at the gates, and to no other', () => {
    expect(rules({ services: [web, plain, database], network: { name: 'inner' } })).toEqual([
      { from: [network('inner')], ports: tcp(20_001, 20_002) },
    ]);
  });

  it('lets in whom the App names, who means other namespaces only where it says so', () => {
    const allowFrom = [{ app: 'a' }, { namespace: 'b' }, { namespace: 'c', app: 'd' }, { cidr: '192.0.2.0/24' }];
    const ports = tcp(20_001);
    expect(rules({ services: [web], network: { allowFrom } })?.slice(1)).toEqual([
      { from: [{ ...pods({ 'airfield.dev/app': 'a' }), ...namespace('acme') }], ports },
      { from: [namespace('b')], ports },
      { from: [{ ...pods({ 'airfield.dev/app': 'd' }), ...namespace('c') }], ports },
      { from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports },
    ]);
  });

  it('leads those whom the App lets in to one port of its machines to no other', () => {
    const allowFrom = [
      { app: 'a', ports: [{ port: 5432 }] },
      { app: 'b', ports: [{ port: 8080, protocol: 'udp' as const }] },
      { app: 'c', ports: [{ port: 9000 }] },
    ];
    expect(rules({ services: [web, database, plain], network: { allowFrom } })?.slice(1)).toEqual([
      { from: [{ ...pods({ 'airfield.dev/app': 'a' }), ...namespace('acme') }], ports: tcp(20_002) },
    ]);
  });

  it('lets the ingress in, and Prometheus only where it may ask the machines there', () => {
    const settings = { ...closed, ingressNamespaces: ['ingress'], monitoringNamespaces: ['monitoring'] };
    const services = [web, database];
    expect(rules({ services, metrics: [{ port: 9091 }] }, settings)?.slice(1)).toEqual([
      { from: [namespace('ingress')], ports: tcp(20_001, 20_002) },
    ]);
    expect(rules({ services, metrics: [{ port: 8080 }] }, settings)?.slice(2)).toEqual([
      { from: [namespace('monitoring')], ports: tcp(20_001) },
    ]);
  });

  it('opens to everybody what is public, and nothing beside it', () => {
    const settings: Settings = { ...closed, rawPorts: 'loadBalancer', edge: { kind: 'gate', baseDomain: undefined } };
    expect(rules({ services: [web, database] }, settings)?.slice(1)).toEqual([{ ports: tcp(20_002) }]);
    expect(rules({ services: [web] }, settings)?.slice(1)).toEqual([]);
  });

  it('has nothing of the gates and the operator, who ask machines alone', () => {
    const checks = [{ name: 'up', type: 'http' as const }];
    const settings = { ...closed, operatorNamespace: 'airfield' };
    expect(rules({ services: [web], checks }, settings)).toHaveLength(1);
  });

  it('is not there without gated ports, or where policies are not asked for', () => {
    expect(policy({ services: [plain] })).toBeUndefined();
    expect(policy({ services: [web] }, withGates)).toBeUndefined();
    expect(policy({ services: [web] }, { ...closed, gates: undefined })).toBeUndefined();
  });

  it('tells whose it is only where Airfield has written it', () => {
    expect(policyOf({ metadata: {} })).toBeUndefined();
    expect(policyOf({ metadata: { annotations: { 'airfield.dev/policy-of': 'hello' } } })).toBeUndefined();
  });
});
