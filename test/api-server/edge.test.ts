import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HttpRoute, Ingress, ObservedService } from '../../src/api/kubernetes.ts';
import { type Addressed, type Client, connect } from '../../src/kube/client.ts';
import { isNotFound } from '../../src/kube/errors.ts';
import { customResourceDefinitions, httpRoutes, ingresses, type Resource, services } from '../../src/kube/resources.ts';
import { until } from '../cluster/exec.ts';
import { OperatorProcess } from '../e2e/operator.ts';
import { EdgeNamespace } from './edge-namespace.ts';
import { httpRouteCrd } from './http-route-crd.ts';

let client: Client;
let edge: EdgeNamespace;
const gateway = { AIRFIELD_EDGE: 'httproute', AIRFIELD_GATEWAY: 'infra/public' };
const http = [{ internalPort: 8080, ports: [{ port: 80, handlers: ['http' as const] }] }];

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
});
afterEach(async () => {
  await edge?.stop();
  edge?.client.close();
});
afterAll(async () => {
  client.close();
});

const find = <T>(kind: Resource, name: string) =>
  edge.client.get<T>(kind, edge.ref(name)).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
const urls = async (name: string) => (await edge.get(name)).status?.urls ?? [];

describe('where Ingresses are the edge', () => {
  it('an App has one, which goes with its hosts, and where they are the edge no more', async () => {
    edge = await EdgeNamespace.create({ AIRFIELD_EDGE: 'ingress', AIRFIELD_BASE_DOMAIN: 'apps.example.com' });
    await edge.app('hello', [{ host: '*.hello.example.com', tlsSecretName: 'hello-tls' }]);
    const ingress = await until('the Ingress', () => find<Ingress>(ingresses, 'hello'));
    expect(ingress?.spec?.rules?.map(({ host }) => host)).toEqual(['hello.apps.example.com', '*.hello.example.com']);
    expect(ingress?.spec?.tls).toEqual([{ hosts: ['*.hello.example.com'], secretName: 'hello-tls' }]);
    await until('its URL', async () => (await urls('hello'))[0] === 'https://hello.apps.example.com');
    await edge.says('hello', /^CertificateMissing/);
    await edge.app('hello', [], { services: [] });
    await until('the Ingress to go', async () => !(await find(ingresses, 'hello')));
    await edge.app('moved', [{ host: 'moved.example.com' }]);
    await until('the other Ingress', () => find(ingresses, 'moved'));
    await edge.stop();
    await edge.start({ AIRFIELD_EDGE: 'gate' });
    await until('the Ingress to go', async () => !(await find(ingresses, 'moved')));
    await until('its URL', async () => (await urls('moved')).includes('https://moved.example.com'));
  });
});

describe('where a Gateway is the edge', () => {
  it('the operator says in one line that the cluster does not have the kind, and serves when it does', async () => {
    const operator = new OperatorProcess({ env: { ...gateway, AIRFIELD_NAMESPACE: 'default' } });
    expect(await operator.ended).toBe(1);
    expect(operator.lines.filter((line) => !line.startsWith('{'))).toEqual([
      expect.stringMatching(/^airfield: AIRFIELD_EDGE: httproute needs the kind HTTPRoute .*: install the Gateway API/),
    ]);
    await client.apply(customResourceDefinitions, httpRouteCrd as Addressed, { fieldManager: 'test', force: true });
    await until('the kind', () => client.list(httpRoutes, { limit: 1 }).catch(() => undefined));
    edge = await EdgeNamespace.create({ ...gateway, AIRFIELD_BASE_DOMAIN: 'apps.example.com' });
    const many = Array.from({ length: 20 }, (_, index) => ({ host: `h${index}.example.com` }));
    await edge.app('hello', many, { services: http });
    const route = await until('the HTTPRoute', () => find<HttpRoute>(httpRoutes, 'hello'));
    expect(route?.spec.parentRefs).toMatchObject([{ namespace: 'infra', name: 'public' }]);
    const names = async () =>
      (await edge.client.list<HttpRoute>(httpRoutes, { namespace: edge.name })).items.flatMap(
        ({ spec }) => spec.hostnames as string[],
      );
    await until('all hosts', async () => (await names()).length === 21);
    await until('its URL', async () => (await urls('hello'))[0] === 'http://hello.apps.example.com');
    await edge.app('hello', [], { services: http });
    await until('the second one to go', async () => (await names()).length === 1);
    // What the cluster fills in is not fought over.
    const metrics = await (await fetch(`${edge.url}/metrics`)).text();
    expect(metrics.match(/^airfield_child_writes_total\{kind="HTTPRoute",.*$/gm)?.sort()).toEqual([
      'airfield_child_writes_total{kind="HTTPRoute",operation="apply"} 3',
      'airfield_child_writes_total{kind="HTTPRoute",operation="delete"} 1',
    ]);
  });
});

describe('ports that no edge serves', () => {
  it('have a public Service, whose addresses the App tells', async () => {
    edge = await EdgeNamespace.create({ AIRFIELD_RAW_PORTS: 'loadBalancer' });
    const mail = { internalPort: 2525, ports: [{ port: 25 }] };
    const names = { internalPort: 53, protocol: 'udp' as const, ports: [{ port: 53 }] };
    await edge.app('mail', [], { services: [mail, names, ...http] });
    const service = await until('the Service', async () => {
      const { items } = await edge.client.list<ObservedService>(services, { namespace: edge.name });
      return items.find(({ spec }) => spec?.type === 'LoadBalancer');
    });
    expect(service?.spec?.ports?.map(({ port, protocol }) => `${port}/${protocol}`)).toEqual(['25/TCP', '53/UDP']);
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    const ref = edge.ref(service?.metadata.name ?? '');
    await edge.client.mergePatch(services, ref, { status }, { subresource: 'status' });
    await until('the addresses', async () => (await urls('mail'))[0] === 'tcp://192.0.2.1:25');
    const inside = `mail.${edge.name}.svc.cluster.local`;
    expect(await urls('mail')).toEqual([
      'tcp://192.0.2.1:25',
      'udp://192.0.2.1:53',
      `tcp://${inside}:25`,
      `udp://${inside}:53`,
      `http://${inside}`,
    ]);
    await edge.app('mail', [], { services: http });
    await until('the Service to go', async () => !(await find(services, ref.name)));
  });
});
