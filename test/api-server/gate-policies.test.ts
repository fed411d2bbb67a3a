import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { NetworkPolicy, Service } from '../../src/api/kubernetes.ts';
import { networkPolicies, services } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { until } from '../cluster/exec.ts';
import { EdgeNamespace } from './edge-namespace.ts';

let space: EdgeNamespace;

beforeAll(async () => {
  space = await EdgeNamespace.create({ AIRFIELD_GATES_POLICIES: 'on' });
});
afterAll(async () => {
  await space?.stop();
  space?.client.close();
});

type Policy = NetworkPolicy & KubeObject;

const web = (autoStop: 'off' | 'stop' = 'stop'): Partial<AppSpecInput> => ({
  services: [{ internalPort: 8080, autoStop, ports: [{ port: 80, handlers: ['http'] }] }],
});

/** The policies in the namespace of the gates for an App. */
async function policies(app: string): Promise<Policy[]> {
  const { items } = await space.client.list<Policy>(networkPolicies, { namespace: space.gates });
  return items.filter(({ metadata }) => metadata.annotations?.['airfield.dev/policy-of'] === `${space.name}/${app}`);
}
const policyOf = async (app: string): Promise<Policy> =>
  (await until(`the policy of ${app}`, async () => (await policies(app))[0])) as Policy;
const isGone = (app: string) => until(`the policy of ${app} to go`, async () => (await policies(app)).length === 0);
const serviceOf = async (app: string) =>
  (await until(`the Service of ${app}`, () =>
    space.client.get<Service & KubeObject>(services, space.ref(app)).catch(() => undefined),
  )) as Service & KubeObject;
const revision = ({ metadata }: KubeObject) => Number(metadata.resourceVersion);

describe('the policy of an App in the namespace of the gates', () => {
  it('is there before the Service that leads to them, and is about its port', async () => {
    await space.app('first', [], web());
    const service = await serviceOf('first');
    const policy = await policyOf('first');
    expect(revision(policy)).toBeLessThan(revision(service));
    const [rule, ...others] = policy.spec?.ingress ?? [];
    expect(others).toEqual([]);
    expect(rule?.ports?.map(({ port }) => `gate-${port}`)).toEqual(service.spec?.ports?.map((port) => port.targetPort));
    expect(rule?.from).toEqual([
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': space.name } },
        podSelector: expect.anything(),
      },
    ]);
    await space.delete('first');
  });

  it('follows whom the App lets in, and goes when nothing of it is gated any more', async () => {
    await space.app('changing', [], web());
    await policyOf('changing');
    await space.app('changing', [], { ...web(), network: { allowFrom: [{ namespace: 'elsewhere' }] } });
    await until('the other namespace to be let in', async () =>
      JSON.stringify(await policies('changing')).includes('"elsewhere"'),
    );
    await space.app('changing', [], web('off'));
    await isGone('changing');
    await space.delete('changing');
  });

  it('has its counterpart in that of whoever may only connect to it', async () => {
    await space.app('closed', [], { network: { egress: [{ app: 'later' }] } });
    const own = (name: string) => space.client.get<Policy>(networkPolicies, space.ref(name));
    const toGates = async () => {
      const { spec } = await own('closed');
      const rules = spec?.egress?.filter(({ to }) => JSON.stringify(to ?? []).includes(space.gates)) ?? [];
      return rules.flatMap(({ ports = [] }) => ports.map(({ port }) => port));
    };
    await until('its policy', () => own('closed').catch(() => undefined));
    expect(await toGates()).toEqual([]);
    await space.app('later', [], web());
    const service = await serviceOf('later');
    const served = service.spec?.ports?.map(({ targetPort }) => Number(`${targetPort}`.replace('gate-', '')));
    await until('the way to the gates', async () => JSON.stringify(await toGates()) === JSON.stringify(served));
    await space.app('later', [], web('off'));
    await until('the way to be closed', async () => (await toGates()).length === 0);
    await Promise.all(['closed', 'later'].map((name) => space.delete(name)));
  });

  it('is put back when somebody changes or deletes it', async () => {
    await space.app('robbed', [], web());
    const { metadata, spec } = await policyOf('robbed');
    await space.client.mergePatch(
      networkPolicies,
      { ...metadata, namespace: space.gates },
      { spec: { ingress: [{}] } },
    );
    await until('it to be closed again', async () => {
      const [policy] = await policies('robbed');
      return JSON.stringify(policy?.spec) === JSON.stringify(spec);
    });
    await space.client.delete(networkPolicies, { name: metadata.name, namespace: space.gates });
    await until('another one', async () => {
      const [policy] = await policies('robbed');
      return policy && policy.metadata.uid !== metadata.uid;
    });
    await space.delete('robbed');
  });

  it('goes with its App, also with one that was deleted while no operator was there', async () => {
    await space.app('gone', [], web());
    await policyOf('gone');
    await space.delete('gone');
    await isGone('gone');
    await space.app('gone', [], web());
    await policyOf('gone');
    await space.stop();
    await space.delete('gone');
    await space.start();
    await isGone('gone');
  });

  it('is not written again by an operator that starts where nothing has changed', async () => {
    await space.app('still', [], web());
    const before = await policyOf('still');
    await serviceOf('still');
    await space.stop();
    await space.start();
    await space.app('after', [], web());
    // It has then looked at the older one.
    await policyOf('after');
    await until('both to have been looked at', async () => {
      const metrics = await (await fetch(`${space.url}/metrics`)).text();
      const looks = metrics.matchAll(/reconcile_total\{controller="app",result="(?:success|requeue_after)"\} (\d+)/g);
      return [...looks].reduce((sum, [, count]) => sum + Number(count), 0) >= 2;
    });
    expect((await policyOf('still')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    for (const name of ['still', 'after']) await space.delete(name);
  });

  it('is taken away where policies are not asked for any more', async () => {
    await space.app('open', [], web());
    await policyOf('open');
    await space.stop();
    await space.start({ AIRFIELD_GATES_POLICIES: 'off' });
    await isGone('open');
    await space.delete('open');
  });
});
