import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { manager } from '../../../src/api/meta.ts';
import { appliedAnnotation, Children, type WriteKind } from '../../../src/controller/apply.ts';
import { covers } from '../../../src/controller/drift.ts';
import { resourceOf } from '../../../src/controller/resources.ts';
import { TerminalError } from '../../../src/controller/terminal-error.ts';
import { appChildren } from '../../../src/desired/app.ts';
import { namespaceServices } from '../../../src/desired/internal.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { isNotFound } from '../../../src/kube/errors.ts';
import { configMaps, deployments, namespaces, type Resource, services } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { anApp, settings } from '../../desired/app-fixture.ts';

/** Loose on purpose: edits by hand reach anywhere into an object. */
type Loose = KubeObject & { spec: { template: { spec: { containers: Container[] } } } };
type Container = { name: string; image: string; env: { name: string; value?: string }[]; ports: object[] };

const namespace = `apply-${randomBytes(4).toString('hex')}`;
let client: Client;
let owner: KubeObject;
let writes: string[];
let children: Children;

const spec: Partial<AppSpecInput> = {
  env: { EMPTY: '', GREETING: 'hello', PRICE: '$(5)' },
  processes: [
    { name: 'app', count: 2, vm: { size: 'shared-cpu-1x', memory: '1024Mi' } },
    { name: 'worker', count: 0, command: ['node', 'worker.js'] },
  ],
  services: [
    {
      internalPort: 8080,
      protocol: 'tcp',
      ports: [{ port: 80, handlers: ['http'] }, { port: 8443 }],
      processes: ['app'],
      autoStop: 'off',
      checks: [{ type: 'http', path: '/health', headers: { Host: 'x', 'X-Empty': '' } }],
    },
    { internalPort: 53, protocol: 'udp', ports: [{ port: 53, handlers: [] }], processes: ['app'], autoStop: 'off' },
    { internalPort: 53, protocol: 'tcp', ports: [{ port: 53, handlers: [] }], processes: ['app'], autoStop: 'off' },
  ],
  network: { allowFrom: [{ cidr: '10.0.0.0/8' }, { app: 'other', ports: [{ port: 8080 }] }], egress: [] },
};

function desired(more: Partial<AppSpecInput> = {}, name = owner.metadata.name): KubeObject[] {
  const app = anApp({ ...spec, ...more }, name);
  return appChildren({ ...app, metadata: { ...app.metadata, namespace } }, {}, settings) as KubeObject[];
}

const read = <T extends KubeObject = Loose>({ kind, apiVersion, metadata }: KubeObject): Promise<T> =>
  client.get<T>(resourceOf({ kind, apiVersion }), metadata);
const readAll = (objects: readonly KubeObject[]) => Promise.all(objects.map((object) => read<KubeObject>(object)));
const find = (kind: string, objects = desired()) => objects.find((object) => object.kind === kind)!;

/** As a process that has just been started: it remembers nothing. */
function restarted(using: Pick<Client, 'get' | 'apply' | 'replace' | 'delete'> = client): Children {
  const onWrite = (kind: string, operation: WriteKind) => void writes.push(`${operation} ${kind}`);
  return new Children({ client: using, onWrite });
}

/** Reconciles with a cache that has seen everything, and gives back what was written. */
async function settle(objects = desired()): Promise<string[]> {
  const exists = (object: KubeObject) => read<KubeObject>(object).catch(() => undefined);
  const current = (await Promise.all(objects.map(exists))).filter((object) => object !== undefined);
  writes = [];
  await children.apply(owner, objects, current);
  return writes;
}

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(() => client?.close());

beforeEach(async () => {
  const metadata = { name: `app-${randomBytes(3).toString('hex')}`, namespace };
  owner = await client.create<KubeObject>(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  writes = [];
  children = restarted();
});

describe('an App with everything', () => {
  it('is written once, each child by one request and in order', async () => {
    const objects = desired();
    const applied = await children.apply(owner, objects, []);
    expect(writes).toEqual(objects.map(({ kind }) => `apply ${kind}`));
    expect(applied.map(({ metadata }) => metadata.name)).toEqual(objects.map(({ metadata }) => metadata.name));
    for (const child of await readAll(objects)) {
      const { apiVersion, kind, metadata } = owner;
      const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
      expect(child.metadata.ownerReferences).toEqual([reference]);
      expect(child.metadata.annotations?.[appliedAnnotation]).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it.each([
    ['that sees everything', async () => readAll(desired())],
    ['that sees nothing as yet', async () => []],
  ])('is not written again after a restart, by a cache %s', async (_, cache) => {
    await children.apply(owner, desired(), []);
    writes = [];
    await restarted().apply(owner, desired(), await cache());
    expect(writes).toEqual([]);
  });

  it('is the same whatever the order of its words', async () => {
    await children.apply(owner, desired(), []);
    const shuffled = JSON.parse(JSON.stringify(desired()), (_, value) =>
      value && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(await settle(shuffled)).toEqual([]);
  });

  it('comes to the same end when the operator is killed after any number of writes', async () => {
    const count = desired().length;
    for (let killedAfter = 0; killedAfter < count; killedAfter++) {
      let left = killedAfter;
      const mortal = {
        ...methods(client),
        apply: (...call: Parameters<Client['apply']>) => {
          if (left-- === 0) throw new Error('killed');
          return client.apply(...call);
        },
      };
      const name = `killed-${killedAfter}`;
      owner = await client.create<KubeObject>(configMaps, { ...owner, metadata: { name, namespace } });
      await expect(restarted(mortal as never).apply(owner, desired(), [])).rejects.toThrow('killed');
      writes = [];
      await restarted().apply(owner, desired(), []);
      expect(writes).toHaveLength(count - killedAfter);
      expect(await settle()).toEqual([]);
    }
  });

  it('comes to the same end when two operators work on it at once', async () => {
    const both = [restarted(), restarted()].map((one) => one.apply(owner, desired(), []));
    await Promise.all(both);
    expect(await settle()).toEqual([]);
  });
});

const env = (object: Loose) => object.spec.template.spec.containers[0]!.env;
const container = (object: Loose, change: (container: Container) => void) => {
  change(object.spec.template.spec.containers[0]!);
};
const service = (object: KubeObject) => object as KubeObject & { spec: { selector: object; ports: object[] } };
const policy = (object: KubeObject) => object as KubeObject & { spec: { ingress: object[]; egress: object[] } };

describe('an edit by hand', () => {
  it.each<[string, string, (object: Loose) => void]>([
    [
      'a value',
      'Deployment',
      (o) =>
        container(o, (c) => {
          c.image = 'evil:1';
        }),
    ],
    [
      'a number',
      'Deployment',
      (o) => {
        Object.assign(o.spec, { replicas: 7 });
      },
    ],
    [
      'an environment variable',
      'Deployment',
      (o) =>
        container(o, (c) => {
          c.env.find(({ name }) => name === 'GREETING')!.value = 'bye';
        }),
    ],
    ['an added environment variable', 'Deployment', (o) => env(o).push({ name: 'ADDED', value: '1' })],
    ['a removed environment variable', 'Deployment', (o) => env(o).pop()],
    [
      'a renamed environment variable',
      'Deployment',
      (o) => {
        env(o)[0]!.name = 'RENAMED';
      },
    ],
    ['an added container port', 'Deployment', (o) => container(o, (c) => c.ports.push({ containerPort: 9999 }))],
    [
      'a renamed port',
      'Deployment',
      (o) =>
        container(o, (c) => {
          Object.assign(c.ports[0]!, { name: 'renamed' });
        }),
    ],
    [
      'an added container',
      'Deployment',
      (o) => o.spec.template.spec.containers.push({ name: 'miner', image: 'evil:1', env: [], ports: [] }),
    ],
    [
      'a changed label',
      'Deployment',
      (o) => {
        o.metadata.labels!['airfield.dev/process'] = 'x';
      },
    ],
    [
      'a removed label',
      'Deployment',
      (o) => {
        delete o.metadata.labels!['app.kubernetes.io/managed-by'];
      },
    ],
    [
      'a removed annotation',
      'Deployment',
      (o) => {
        delete o.metadata.annotations![appliedAnnotation];
      },
    ],
    [
      'an added port of the Service',
      'Service',
      (o) => service(o).spec.ports.push({ name: 'x', port: 9, targetPort: 9 }),
    ],
    ['a removed port of the Service', 'Service', (o) => service(o).spec.ports.pop()],
    [
      'a changed selector',
      'Service',
      (o) => {
        service(o).spec.selector = { app: 'evil' };
      },
    ],
    ['an opened policy', 'NetworkPolicy', (o) => policy(o).spec.ingress.push({})],
    [
      'a policy that lets everybody in',
      'NetworkPolicy',
      (o) => {
        policy(o).spec.ingress = [{}];
      },
    ],
    [
      'a policy without a rule for what goes out',
      'NetworkPolicy',
      (o) => {
        policy(o).spec.egress = [];
      },
    ],
  ])('is put back by at most two writes: %s', async (_, kind, edit) => {
    await children.apply(owner, desired(), []);
    const before = await read(find(kind));
    const edited = structuredClone(before);
    edit(edited);
    const after = await client.replace(resourceOf(edited), edited, { fieldManager: 'kubectl-edit' });
    expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);

    const written = await settle();
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThanOrEqual(2);
    const now = await read(find(kind));
    expect(now.spec).toEqual(before.spec);
    expect(now.metadata.labels).toMatchObject(before.metadata.labels!);
    expect(await settle()).toEqual([]);
  });

  it('by another tool that applies is put back too', async () => {
    await children.apply(owner, desired(), []);
    const target = find('Deployment');
    const other = {
      apiVersion: target.apiVersion,
      kind: target.kind,
      metadata: { name: target.metadata.name, namespace },
      spec: {
        replicas: 9,
        template: { spec: { containers: [{ name: 'app', env: [{ name: 'ADDED', value: '1' }] }] } },
      },
    };
    await client.apply(deployments, other, { fieldManager: 'other', force: true });
    expect(await settle()).toEqual(['apply Deployment', 'replace Deployment']);
    expect(await settle()).toEqual([]);
    expect(env(await read(target)).map(({ name }) => name)).not.toContain('ADDED');
  });

  it('that takes a child away is put back by one write', async () => {
    await children.apply(owner, desired(), []);
    await client.delete(services, find('Service').metadata);
    expect(await settle()).toEqual(['apply Service']);
    expect(await settle()).toEqual([]);
  });

  it("that adds a label or an annotation of one's own is left alone", async () => {
    await children.apply(owner, desired(), []);
    const metadata = { labels: { team: 'blue' }, annotations: { note: 'mine' } };
    await client.mergePatch(services, find('Service').metadata, { metadata });
    expect(await settle()).toEqual([]);
    expect((await read(find('Service'))).metadata.labels).toMatchObject(metadata.labels);
  });
});

describe('what is no longer desired', () => {
  it('is gone after one write to each child: a variable, a port', async () => {
    await children.apply(owner, desired(), []);
    const less = desired({ env: { GREETING: 'hello' }, services: spec.services!.slice(0, 1) });
    const written = await settle(less);
    expect(written).toEqual(['apply Service', 'apply Deployment', 'apply Deployment']);
    const names = env(await read(find('Deployment'))).map(({ name }) => name);
    expect(names).toContain('GREETING');
    expect(names).not.toContain('PRICE');
    expect(service(await read(find('Service'))).spec.ports).toHaveLength(2);
    expect(await settle(less)).toEqual([]);
  });

  it('is deleted where it is a whole child', async () => {
    const all = desired();
    const less = desired({ processes: [{ name: 'app' }] });
    await children.apply(owner, all, []);
    writes = [];
    await children.apply(owner, less, await readAll(all));
    expect(writes.filter((write) => write.startsWith('delete'))).toEqual(['delete Deployment']);
    const worker = all.find(({ metadata }) => metadata.name.endsWith('worker'))!;
    await expect(read(worker)).rejects.toSatisfy(isNotFound);
  });

  it('may be gone already, or be deleted already, or be another object of that name by now', async () => {
    const target = find('Service');
    const [made] = await children.apply(owner, [target], []);
    await client.delete(services, target.metadata);
    await children.apply(owner, [], [made!]);

    const finalizers = ['example.com/wait'];
    const later = await client.create(services, { ...target, metadata: { ...target.metadata, finalizers } });
    await children.apply(owner, [], [made!]);
    expect((await read(target)).metadata.deletionTimestamp).toBeUndefined();
    writes = [];
    await children.apply(owner, [], [later]);
    expect(writes).toEqual(['delete Service']);
    await children.apply(owner, [], [await read(target)]);
    expect(writes).toEqual(['delete Service']);
    await client.mergePatch(services, target.metadata, { metadata: { finalizers: null } });
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
    const target = find('Service');
    const foreign = await client.create<KubeObject>(services, {
      ...target,
      metadata: { name: target.metadata.name, namespace, ...metadata },
    });
    const failure = await children.apply(owner, [target], []).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure).toMatchObject({ reason: 'NameConflict' });
    expect((failure as Error).message).toBe(
      `Service ${target.metadata.name} exists already and ${holder}: delete or rename it, or choose another name`,
    );
    expect(writes).toEqual([]);
    expect((await read(target)).metadata.resourceVersion).toBe(foreign.metadata.resourceVersion);
  });

  it('by the children of a deleted App of the same name is waited for', async () => {
    await children.apply(owner, desired(), []);
    const successor = { ...owner, metadata: { ...owner.metadata, uid: 'another' } };
    const failure = await restarted()
      .apply(successor, desired(), [])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(TerminalError);
  });
});

describe('children without an owner', () => {
  it('are made, kept and taken away like others', async () => {
    const objects = namespaceServices(namespace) as KubeObject[];
    await children.apply(undefined, objects, []);
    expect(writes).toEqual(['apply Service', 'apply Service']);
    writes = [];
    await restarted().apply(undefined, objects, await readAll(objects));
    await restarted().apply(undefined, objects, []);
    expect(writes).toEqual([]);
    await children.apply(undefined, [], await readAll(objects));
    expect(writes).toEqual(['delete Service', 'delete Service']);
  });

  it('are never taken from somebody', async () => {
    const [internal] = namespaceServices(namespace) as KubeObject[];
    const { name } = internal!.metadata;
    await client.create(services, { ...internal!, metadata: { name, namespace } });
    await expect(children.apply(undefined, [internal!], [])).rejects.toThrow(TerminalError);
    await client.delete(services, { name, namespace });
  });
});

describe('a cluster that adds to what is applied', () => {
  it.each(['Deployment', 'Service'])('is contradicted once, and then tolerated: %s', async (kind) => {
    // What an admission webhook does, done right after each write instead of within it.
    const meddle = async (object: KubeObject) => {
      const meddled = structuredClone(await read(object));
      const list = kind === 'Deployment' ? env(meddled) : service(meddled).spec.ports;
      const injected = { name: 'injected', ...(kind === 'Deployment' ? { value: '1' } : { port: 9, targetPort: 9 }) };
      if (!list.some((element) => 'name' in element && element.name === 'injected')) list.push(injected as never);
      return client.replace(resourceOf(object), meddled, { fieldManager: 'webhook' });
    };
    const meddled = {
      ...methods(client),
      apply: async (...call: Parameters<Client['apply']>) => meddle((await client.apply(...call)) as KubeObject),
      replace: async (...call: Parameters<Client['replace']>) => meddle((await client.replace(...call)) as KubeObject),
    };
    const target = find(kind);
    children = restarted(meddled as never);
    await children.apply(owner, [target], []);
    expect(writes).toEqual([`apply ${kind}`, `replace ${kind}`]);
    expect(await settle([target])).toEqual([]);
    expect(await settle([target])).toEqual([]);

    const edited = structuredClone(await read(target));
    if (kind === 'Deployment') env(edited)[0]!.value = 'edited';
    else service(edited).spec.selector = { app: 'evil' };
    await client.replace(resourceOf(edited), edited, { fieldManager: 'kubectl-edit' });
    expect((await settle([target])).length).toBeGreaterThan(0);
    expect(covers((await read(target)) as never, { spec: { selector: selectorOf(target) } } as never)).toBe(true);
    expect(await settle([target])).toEqual([]);
  });
});

const selectorOf = (object: KubeObject) => (object as KubeObject & { spec: { selector: object } }).spec.selector;

const methods = ({ get, apply, replace, delete: remove }: Client) => ({
  get: get.bind(client),
  apply: apply.bind(client),
  replace: replace.bind(client),
  delete: remove.bind(client),
});

describe('kinds that Airfield will write', () => {
  const meta = (name: string) => ({ name, namespace, labels: { app: name } });
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
    const applied = await client.apply(resource, object, { fieldManager: manager, force: true });
    expect(covers(applied as never, object as never)).toBe(true);
  });
});
