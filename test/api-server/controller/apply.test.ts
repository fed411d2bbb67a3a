import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manager } from '../../../src/api/meta.ts';
import { appliedAnnotation } from '../../../src/controller/applied.ts';
import { covers } from '../../../src/controller/drift.ts';
import { resourceOf } from '../../../src/controller/resources.ts';
import { TerminalError } from '../../../src/controller/terminal-error.ts';
import { namespaceServices } from '../../../src/desired/internal.ts';
import type { Client } from '../../../src/kube/client.ts';
import { isNotFound } from '../../../src/kube/errors.ts';
import { type Resource, services } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { container, everything, Family, service } from './family.ts';

let family: Family;

beforeAll(async () => {
  family = await Family.create();
});
beforeEach(() => family.found());
afterAll(() => family?.client.close());

describe('an App with everything', () => {
  it('is written once, each child by one request and in order', async () => {
    const objects = family.all();
    const applied = await family.children.apply(family.owner, objects, []);
    expect(family.takeWrites()).toEqual(objects.map(({ kind }) => `apply ${kind}`));
    expect(applied.map(({ metadata }) => metadata.name)).toEqual(objects.map(({ metadata }) => metadata.name));
    for (const child of await family.readAll(objects)) {
      const { apiVersion, kind, metadata } = family.owner;
      const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
      expect(child.metadata.ownerReferences).toEqual([reference]);
      expect(child.metadata.annotations?.[appliedAnnotation]).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it('is made without looking for it first', async () => {
    const asked: string[] = [];
    const get: Client['get'] = (resource, ref, options) => {
      asked.push(`${resource.kind} ${ref.name}`);
      return family.client.get(resource, ref, options);
    };
    await family.restarted({ get }).apply(family.owner, family.desired(), []);
    expect(asked).toEqual([]);
    expect(family.takeWrites()).toHaveLength(family.desired().length);
  });

  it.each([
    ['that sees everything', async () => family.readAll(family.desired())],
    ['that sees nothing as yet', async () => []],
  ])('is not written again after a restart, by a cache %s', async (_, cache) => {
    await family.raise();
    await family.restarted().apply(family.owner, family.desired(), await cache());
    expect(family.takeWrites()).toEqual([]);
  });

  it('is the same whatever the order of its words', async () => {
    await family.raise();
    const shuffled = JSON.parse(JSON.stringify(family.desired()), (_, value) =>
      value && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(await family.settle(shuffled)).toEqual([]);
  });

  it('comes to the same end when the operator is killed after any number of writes', async () => {
    const count = family.desired().length;
    for (let killedAfter = 0; killedAfter < count; killedAfter++) {
      let left = killedAfter;
      const apply: Client['apply'] = (...call) => {
        if (left-- === 0) throw new Error('killed');
        return family.client.apply(...call);
      };
      await family.found();
      const killed = family.restarted({ apply }).apply(family.owner, family.desired(), []);
      await expect(killed).rejects.toThrow('killed');
      family.takeWrites();
      await family.restarted().apply(family.owner, family.desired(), []);
      expect(family.takeWrites()).toHaveLength(count - killedAfter);
      expect(await family.settle()).toEqual([]);
    }
  });

  it('comes to the same end when two operators work on it at once', async () => {
    const both = [family.restarted(), family.restarted()].map((one) => one.apply(family.owner, family.desired(), []));
    await Promise.all(both);
    expect(await family.settle()).toEqual([]);
  });
});

describe('what is no longer desired', () => {
  it('is gone after one write to each child: a variable, a port', async () => {
    await family.raise();
    const less = family.desired({ env: { GREETING: 'hello' }, services: everything.services!.slice(0, 1) });
    const written = await family.settle(less);
    expect(written).toEqual(['apply Service', 'apply Deployment', 'apply Deployment']);
    const names = container(await family.read(family.one('Deployment'))).env.map(({ name }) => name);
    expect(names).toContain('GREETING');
    expect(names).not.toContain('PRICE');
    expect(service(await family.read(family.one('Service'))).spec.ports).toHaveLength(2);
    expect(await family.settle(less)).toEqual([]);
  });

  it('is deleted where it is a whole child', async () => {
    const all = family.desired();
    const less = family.desired({ processes: [{ name: 'app' }] });
    await family.raise();
    await family.children.apply(family.owner, less, await family.readAll(all));
    expect(family.takeWrites().filter((write) => write.startsWith('delete'))).toEqual(['delete Deployment']);
    const worker = all.find(({ metadata }) => metadata.name.endsWith('worker'))!;
    await expect(family.read(worker)).rejects.toSatisfy(isNotFound);
  });

  it('may be gone already, or be deleted already, or be another object of that name by now', async () => {
    const target = family.one('Service');
    const [made] = await family.children.apply(family.owner, [target], []);
    await family.client.delete(services, target.metadata);
    await family.children.apply(family.owner, [], [made!]);

    const finalizers = ['example.com/wait'];
    const { uid: _, resourceVersion: __, ...again } = made!.metadata;
    const metadata = { ...again, finalizers };
    const later = await family.client.create<KubeObject>(services, { ...target, metadata });
    await family.children.apply(family.owner, [], [made!]);
    expect((await family.read(target)).metadata.deletionTimestamp).toBeUndefined();
    family.takeWrites();
    await family.children.apply(family.owner, [], [later]);
    expect(family.takeWrites()).toEqual(['delete Service']);
    await family.children.apply(family.owner, [], [await family.read(target)]);
    expect(family.takeWrites()).toEqual([]);
    await family.client.mergePatch(services, target.metadata, { metadata: { finalizers: null } });
  });

  it.each([
    ['of an App', () => family.owner],
    ['that Apps share', () => undefined],
  ])('is left alone where it only has the labels of one %s', async (_, owner) => {
    const { labels, name } = family.one('Service').metadata;
    const metadata = { labels: labels!, name, namespace: family.namespace };
    const foreign = await family.client.create<KubeObject>(services, { ...family.one('Service'), metadata });
    await family.children.apply(owner(), [], [foreign]);
    expect(family.takeWrites()).toEqual([]);
    expect((await family.read(foreign)).metadata.uid).toBe(foreign.metadata.uid);
  });
});

describe('a name that is taken', () => {
  it.each([
    ['by somebody', {}, 'was not made by Airfield'],
    [
      'by what another object owns',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'else', uid: 'u', controller: true }] },
      'belongs to ConfigMap else',
    ],
    ['by what looks like ours', { labels: { 'app.kubernetes.io/managed-by': manager } }, 'was not made by Airfield'],
  ])('%s is left alone, and told', async (_, metadata, holder) => {
    const target = family.one('Service');
    const foreign = await family.client.create<KubeObject>(services, {
      ...target,
      metadata: { name: target.metadata.name, namespace: family.namespace, ...metadata },
    });
    const failure = await family.children.apply(family.owner, [target], []).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure).toMatchObject({ reason: 'NameConflict' });
    expect((failure as Error).message).toBe(
      `Service ${target.metadata.name} exists already and ${holder}: delete or rename it, or choose another name`,
    );
    expect(family.takeWrites()).toEqual([]);
    expect((await family.read(target)).metadata.resourceVersion).toBe(foreign.metadata.resourceVersion);
  });

  it('by what a deleted App of the same name left behind on purpose is taken over', async () => {
    await family.raise();
    for (const { metadata, ...child } of await family.readAll(family.desired())) {
      const orphan = { ...child, metadata: { ...metadata, ownerReferences: [] } };
      await family.client.replace(resourceOf(child), orphan);
    }
    family.owner = { ...family.owner, metadata: { ...family.owner.metadata, uid: 'another' } };
    expect(await family.settle()).toHaveLength(family.desired().length);
    expect(await family.settle()).toEqual([]);
  });

  it('by the children of a deleted App of the same name is waited for', async () => {
    await family.raise();
    const successor = { ...family.owner, metadata: { ...family.owner.metadata, uid: 'another' } };
    const failure = await family
      .restarted()
      .apply(successor, family.desired(), [])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(TerminalError);
  });
});

describe('children without an owner', () => {
  it('are made, kept and taken away like others', async () => {
    const objects = namespaceServices(family.namespace) as KubeObject[];
    await family.children.apply(undefined, objects, []);
    expect(family.takeWrites()).toEqual(['apply Service', 'apply Service']);
    await family.restarted().apply(undefined, objects, await family.readAll(objects));
    await family.restarted().apply(undefined, objects, []);
    expect(family.takeWrites()).toEqual([]);
    await family.children.apply(undefined, [], await family.readAll(objects));
    expect(family.takeWrites()).toEqual(['delete Service', 'delete Service']);
  });

  it('are never taken from somebody', async () => {
    const [internal] = namespaceServices(family.namespace) as KubeObject[];
    const { name } = internal!.metadata;
    await family.client.create(services, { ...internal!, metadata: { name, namespace: family.namespace } });
    await expect(family.children.apply(undefined, [internal!], [])).rejects.toThrow(TerminalError);
    await family.client.delete(services, { name, namespace: family.namespace });
  });
});

describe('kinds that Airfield will write', () => {
  const meta = (name: string) => ({ name, labels: { app: name } });
  const template = {
    metadata: { labels: { app: 'x' } },
    spec: {
      restartPolicy: 'Always',
      containers: [{ name: 'app', image: 'a:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    },
  };
  const job = { ...template, spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'a:1' }] } };
  it.each<[Resource, KubeObject & { spec: object }]>([
    [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: meta('stateful'),
        spec: {
          serviceName: 'internal',
          replicas: 0,
          selector: { matchLabels: { app: 'x' } },
          template,
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          ],
        },
      },
    ],
    [
      { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs', namespaced: true },
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: meta('cron'),
        spec: {
          schedule: '@every 1h',
          suspend: false,
          concurrencyPolicy: 'Forbid',
          jobTemplate: { spec: { backoffLimit: 0, template: job } },
        },
      },
    ],
  ])('compare equal once applied: $kind', async (resource, object) => {
    const metadata = { ...object.metadata, namespace: family.namespace };
    const applied = await family.client.apply(
      resource,
      { ...object, metadata },
      { fieldManager: manager, force: true },
    );
    expect(covers(applied as never, object as never)).toBe(true);
  });
});
