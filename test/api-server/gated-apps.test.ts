import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { EndpointSlice, Service } from '../../src/api/kubernetes.ts';
import { gateLabels, routesAnnotation } from '../../src/api/meta.ts';
import { apps } from '../../src/controller/resources.ts';
import { type Client, connect } from '../../src/kube/client.ts';
import { endpointSlices, namespaces, pods, services } from '../../src/kube/resources.ts';
import { until } from '../cluster/exec.ts';
import { app } from '../e2e/apps.ts';
import { OperatorProcess } from '../e2e/operator.ts';
import { serveOwnKinds } from './own-kinds.ts';

let client: Client;
let operator: OperatorProcess;
const namespace = `gated-${randomBytes(4).toString('hex')}`;
const env = {
  AIRFIELD_NAMESPACE: namespace,
  AIRFIELD_GATES_NAMESPACE: namespace,
  AIRFIELD_LEASE_NAMESPACE: namespace,
  AIRFIELD_GATES_PORTS: '20000-20063',
};

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
  await serveOwnKinds(client);
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  operator = await OperatorProcess.start({ env });
});
afterEach(async () => {
  for (const name of ['gate-a', 'gate-b']) await client.delete(pods, { namespace, name }).catch(() => {});
});
afterAll(async () => {
  await operator.stop();
  client.close();
});

/** A pod of a gate as the kubelet would tell of it. */
async function gate(name: string, podIP: string, ready = true): Promise<void> {
  const metadata = { name, namespace, labels: gateLabels };
  await client.create(pods, { metadata, spec: { containers: [{ name: 'gate', image: 'gate' }] } }).catch(() => {});
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
  await client.mergePatch(pods, { namespace, name }, { status }, { subresource: 'status' });
}

const web = (more: object = {}): Partial<AppSpecInput> => ({
  services: [{ internalPort: 8080, autoStop: 'stop', ports: [{ port: 80, handlers: ['http'] }], ...more }],
});
const write = (name: string, spec: Partial<AppSpecInput>) => {
  const object = app(name, { image: 'x', ...spec }) as { metadata: object };
  return client.apply(apps, { ...object, metadata: { ...object.metadata, namespace } } as never, {
    fieldManager: 'test',
    force: true,
  });
};
const serviceOf = (name: string) =>
  client.get<Service & { metadata: { resourceVersion: string } }>(services, { namespace, name }).catch(() => undefined);
const targetOf = async (name: string) => (await serviceOf(name))?.spec?.ports?.[0]?.targetPort;

/** Where the slice of an App leads: `20001 10.0.0.1 10.0.0.2`. */
async function leadsTo(name: string): Promise<string> {
  const slice = await client
    .get<EndpointSlice>(endpointSlices, { namespace, name: `${name}-gate` })
    .catch(() => undefined);
  if (!slice) return 'nowhere';
  const addresses = slice.endpoints?.flatMap((endpoint) => endpoint.addresses).sort() ?? [];
  return [slice.ports?.[0]?.port, ...addresses].join(' ');
}
const leadsOnceTo = (name: string, where: RegExp) =>
  until(`${name} to lead to ${where}`, async () => (where.test(await leadsTo(name)) ? true : undefined));

describe('an App whose service is gated', () => {
  it('leads to the gates that are ready, as they come and go', async () => {
    await write('hello', web());
    await until('the Service', async () => (await serviceOf('hello'))?.metadata.annotations?.[routesAnnotation]);
    expect(await leadsTo('hello')).toBe('nowhere');
    await gate('gate-a', '10.0.0.1');
    await gate('gate-b', '10.0.0.2');
    await leadsOnceTo('hello', /^20\d{3} 10\.0\.0\.1 10\.0\.0\.2$/);
    await gate('gate-a', '10.0.0.1', false);
    await leadsOnceTo('hello', /^20\d{3} 10\.0\.0\.2$/);
    expect(`gate-${(await leadsTo('hello')).split(' ')[0]}`).toBe(await targetOf('hello'));
  });

  it('with a hardLimit leads to one gate, and to another one when that is gone', async () => {
    await gate('gate-a', '10.0.0.1');
    await gate('gate-b', '10.0.0.2');
    await write('limited', web({ concurrency: { hardLimit: 5 } }));
    await leadsOnceTo('limited', /^20\d{3} 10\.0\.0\.\d$/);
    const [, owner] = (await leadsTo('limited')).split(' ');
    const [name, other] = owner === '10.0.0.1' ? ['gate-a', '10.0.0.2'] : ['gate-b', '10.0.0.1'];
    await gate(name, `${owner}`, false);
    await leadsOnceTo('limited', new RegExp(` ${other}$`));
    await gate(name, `${owner}`);
    await write('limited', web({ concurrency: { hardLimit: 6 } }));
    await until('the new limit', async () =>
      (await serviceOf('limited'))?.metadata.annotations?.[routesAnnotation]?.includes('"hardLimit":6'),
    );
    expect(await leadsTo('limited')).toContain(other);
  });

  it('becomes direct and gated again', async () => {
    await gate('gate-a', '10.0.0.1');
    await write('both', web());
    await leadsOnceTo('both', / 10\.0\.0\.1$/);
    await write('both', web({ autoStop: 'off' }));
    await until('the direct Service', async () => (await targetOf('both')) === 'tcp-8080');
    await leadsOnceTo('both', /nowhere/);
    expect((await serviceOf('both'))?.metadata.annotations?.[routesAnnotation]).toBeUndefined();
    await write('both', web());
    await leadsOnceTo('both', / 10\.0\.0\.1$/);
  });

  it('that asks for a header which nobody can set is told so', async () => {
    const httpOptions = { response: { headers: { a: ['1\n2'] } } };
    await write('header', web({ ports: [{ port: 80, handlers: ['http'], httpOptions }] }));
    interface Told {
      status?: { conditions?: { type: string; reason: string; message: string }[] };
    }
    const message = await until('the condition', async () => {
      const told = await client.get<Told>(apps, { namespace, name: 'header' });
      return told.status?.conditions?.find(({ type, reason }) => type === 'Stalled' && reason === 'Unservable')
        ?.message;
    });
    expect(message).toContain('the port 80 cannot be served: http.responseHeaders');
  });
});

describe('30 Apps that are gated', () => {
  const names = Array.from({ length: 30 }, (_, index) => `many-${index}`);

  it('have ports of their own, which they keep when the operator starts again', async () => {
    await Promise.all(names.map((name) => write(name, web())));
    const targets = async () => Promise.all(names.map(targetOf));
    await until('all Services', async () => (await targets()).every((target) => target !== undefined));
    const before = await targets();
    expect(new Set(before).size).toBe(names.length);
    const versions = async () =>
      Promise.all(names.map(async (name) => (await serviceOf(name))?.metadata.resourceVersion));
    const written = await versions();
    await operator.stop();
    operator = await OperatorProcess.start({ env });
    await write('last', web());
    await until('the last one', async () => targetOf('last'));
    expect(await targets()).toEqual(before);
    expect(await versions()).toEqual(written);
  });
});
