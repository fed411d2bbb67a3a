import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appliedAnnotation } from '../../../src/controller/applied.ts';
import { resourceOf } from '../../../src/controller/resources.ts';
import type { Addressed } from '../../../src/kube/client.ts';
import { deployments, services } from '../../../src/kube/resources.ts';
import { container, containers, Family, type Loose, policy, service } from './family.ts';

let family: Family;

beforeAll(async () => {
  family = await Family.create();
});
beforeEach(() => family.found());
afterAll(() => family?.client.close());

describe('an edit by hand', () => {
  it.each<[string, string, (object: Loose) => unknown]>([
    ['a value', 'Deployment', (o) => Object.assign(container(o), { image: 'evil:1' })],
    ['a number', 'Deployment', (o) => Object.assign(o.spec, { replicas: 7 })],
    ['an environment variable', 'Deployment', (o) => Object.assign(container(o).env.at(-1)!, { value: 'edited' })],
    ['an added environment variable', 'Deployment', (o) => container(o).env.push({ name: 'ADDED', value: '1' })],
    ['a removed environment variable', 'Deployment', (o) => container(o).env.pop()],
    ['a renamed environment variable', 'Deployment', (o) => Object.assign(container(o).env[0]!, { name: 'RENAMED' })],
    ['an added container port', 'Deployment', (o) => container(o).ports.push({ containerPort: 9999 })],
    ['a renamed container port', 'Deployment', (o) => Object.assign(container(o).ports[0]!, { name: 'renamed' })],
    ['an added container', 'Deployment', (o) => containers(o).push({ ...container(o), name: 'miner' })],
    ['a changed label', 'Deployment', (o) => Object.assign(o.metadata.labels!, { 'airfield.dev/process': 'x' })],
    ['a removed label', 'Deployment', (o) => delete o.metadata.labels!['app.kubernetes.io/managed-by']],
    ['a removed owner', 'Deployment', (o) => delete o.metadata.ownerReferences],
    ['a removed annotation', 'Deployment', (o) => delete o.metadata.annotations![appliedAnnotation]],
    ['an added port of the Service', 'Service', (o) => service(o).spec.ports.push({ name: 'x', port: 9 })],
    ['a removed port of the Service', 'Service', (o) => service(o).spec.ports.pop()],
    ['a changed selector', 'Service', (o) => Object.assign(o.spec, { selector: { app: 'evil' } })],
    ['an opened policy', 'NetworkPolicy', (o) => policy(o).spec.ingress.push({})],
    ['a policy that lets everybody in', 'NetworkPolicy', (o) => Object.assign(o.spec, { ingress: [{}] })],
    ['a policy that lets nothing out', 'NetworkPolicy', (o) => Object.assign(o.spec, { egress: [] })],
  ])('is put back by at most two writes: %s', async (_, kind, edit) => {
    await family.raise();
    const before = await family.read(family.one(kind));
    const edited = structuredClone(before);
    edit(edited);
    const after = await family.client.replace(resourceOf(edited), edited, { fieldManager: 'kubectl-edit' });
    expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);

    const written = await family.settle();
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThanOrEqual(2);
    const now = await family.read(family.one(kind));
    expect(now.spec).toEqual(before.spec);
    expect(now.metadata.ownerReferences).toEqual(before.metadata.ownerReferences);
    expect(now.metadata.labels).toMatchObject(before.metadata.labels!);
    expect(await family.settle()).toEqual([]);
  });

  it('by another tool that applies is put back too', async () => {
    await family.raise();
    const target = family.one('Deployment');
    const other = {
      apiVersion: target.apiVersion,
      kind: target.kind,
      metadata: { name: target.metadata.name, namespace: family.namespace },
      spec: {
        replicas: 9,
        template: { spec: { containers: [{ name: 'app', env: [{ name: 'ADDED', value: '1' }] }] } },
      },
    };
    await family.client.apply(deployments, other, { fieldManager: 'other', force: true });
    expect(await family.settle()).toEqual(['apply Deployment', 'replace Deployment']);
    expect(await family.settle()).toEqual([]);
    expect(container(await family.read(target)).env.map(({ name }) => name)).not.toContain('ADDED');
  });

  it('that takes a child away is put back by one write', async () => {
    await family.raise();
    await family.client.delete(services, family.one('Service').metadata);
    expect(await family.settle()).toEqual(['apply Service']);
    expect(await family.settle()).toEqual([]);
  });

  it("that adds a label or an annotation of one's own is left alone", async () => {
    await family.raise();
    const metadata = { labels: { team: 'blue' }, annotations: { note: 'mine' } };
    await family.client.mergePatch(services, family.one('Service').metadata, { metadata });
    expect(await family.settle()).toEqual([]);
    expect((await family.read(family.one('Service'))).metadata.labels).toMatchObject(metadata.labels);
  });
});

describe('a cluster that adds to what is applied', () => {
  it.each<[string, (object: Loose) => { name?: string }[], object]>([
    ['Deployment', (object) => container(object).env, { name: 'injected', value: '1' }],
    ['Service', (object) => service(object).spec.ports, { name: 'injected', port: 9 }],
  ])('is contradicted once, and then tolerated: %s', async (kind, listOf, injected) => {
    const target = family.one(kind);
    // What an admission webhook does, done right after each write instead of within it.
    const meddle = async <T extends Addressed>(): Promise<T> => {
      const object = structuredClone(await family.read(target));
      if (!listOf(object).some(({ name }) => name === 'injected')) listOf(object).push(injected);
      return family.client.replace(resourceOf(target), object as unknown as T, { fieldManager: 'webhook' });
    };
    family.children = family.restarted({
      apply: <T extends Addressed>(...call: Parameters<typeof family.client.apply<T>>) =>
        family.client.apply<T>(...call).then(meddle<T>),
      replace: <T extends Addressed>(...call: Parameters<typeof family.client.replace<T>>) =>
        family.client.replace<T>(...call).then(meddle<T>),
    });
    expect(await family.settle([target])).toEqual([`apply ${kind}`, `replace ${kind}`]);
    expect(await family.settle([target])).toEqual([]);

    const metadata = { labels: { 'airfield.dev/app': 'edited' } };
    const spec = kind === 'Service' ? { selector: { 'airfield.dev/app': 'evil' } } : { replicas: 7 };
    await family.client.mergePatch(resourceOf(target), target.metadata, { metadata, spec });
    expect((await family.settle([target])).length).toBeGreaterThan(0);
    const { spec: now, metadata: meta } = await family.read(target);
    expect(meta.labels).toMatchObject(target.metadata.labels!);
    expect(now).not.toMatchObject(spec);
    expect(await family.settle([target])).toEqual([]);
  });
});
