import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { deployPolicy } from '../../src/api/deploy-policy.ts';
import { apiVersion } from '../../src/api/meta.ts';
import { apps, machines, schedules, secrets } from '../../src/controller/resources.ts';
import { type Client, connect } from '../../src/kube/client.ts';
import { isForbidden } from '../../src/kube/errors.ts';
import { namespaces, pathOf, type Resource } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { kubectlPath } from '../cluster/binaries.ts';
import { run, until } from '../cluster/exec.ts';
import { accountWith } from './account.ts';
import { serveOwnKinds } from './own-kinds.ts';

const file = join(import.meta.dirname, '../../charts/airfield/files/user-roles.yaml');
const roles = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubeObject);
const namespace = `roles-${randomBytes(4).toString('hex')}`;
const who = ['nobody', 'viewer', 'deployer', 'admin'] as const;
let admin: Client;
let clients: Record<(typeof who)[number] | 'deployer and viewer' | 'deployer and admin', Client>;

const cluster = (group: string, kind: string, plural: string): Resource => ({
  apiVersion: `${group}/v1`,
  kind,
  plural,
  namespaced: false,
});
const clusterRoles = cluster('rbac.authorization.k8s.io', 'ClusterRole', 'clusterroles');
const policies: Record<string, Resource> = {
  ValidatingAdmissionPolicy: cluster('admissionregistration.k8s.io', '', 'validatingadmissionpolicies'),
  ValidatingAdmissionPolicyBinding: cluster('admissionregistration.k8s.io', '', 'validatingadmissionpolicybindings'),
};

const spec = {
  image: 'x:1',
  env: { A: '1' },
  processes: [{ name: 'app' }, { name: 'worker', command: ['work'] }],
  killTimeout: '6s',
};
const samples: readonly (readonly [Resource, object])[] = [
  [apps, spec],
  [machines, { app: 'hello', image: 'x:1' }],
  [schedules, { app: 'hello', schedule: 'daily', command: ['true'] }],
  [secrets, { apps: ['hello'], data: { KEY: { value: 'hunter2' } } }],
];

beforeAll(async () => {
  admin = await connect({ kubeConfigPath: inject('kubeconfig') });
  const options = { fieldManager: 'test', force: true };
  await serveOwnKinds(admin);
  for (const object of deployPolicy() as KubeObject[]) await admin.apply(policies[object.kind]!, object, options);
  for (const role of roles) await admin.apply(clusterRoles, role, options);
  await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const [kind, spec] of samples) {
    await until(`the kind ${kind.kind}`, () => admin.list(kind, { limit: 1 }));
    const object = { apiVersion, kind: kind.kind, metadata: { name: 'hello', namespace }, spec };
    await admin.create(kind, object as KubeObject);
  }
  const account = async (name: string, ...roles: string[]) =>
    connect({ kubeConfigPath: await accountWith(admin, { namespace, name, roles }) });
  clients = {
    nobody: await account('nobody'),
    viewer: await account('viewer', 'airfield-viewer'),
    deployer: await account('deployer', 'airfield-deployer'),
    admin: await account('admin', 'airfield-admin'),
    'deployer and viewer': await account('deployer-and-viewer', 'airfield-deployer', 'airfield-viewer'),
    'deployer and admin': await account('deployer-and-admin', 'airfield-deployer', 'airfield-admin'),
  };
  await until('the roles to hold', async () => (await can(clients.admin, 'get', secrets)) === 'may');
  await until('the policy to hold', async () => !(await change('deployer', { spec: { killTimeout: '7s' } })).isDone);
});
afterAll(() => {
  for (const client of [admin, ...Object.values(clients ?? {})]) client?.close();
});

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;

/** Really asks for it; nothing is kept. */
function attempt(client: Client, verb: (typeof verbs)[number], kind: Resource): Promise<unknown> {
  const ref = { namespace, name: 'hello' };
  const [one, all] = [pathOf(kind, ref), pathOf(kind, { namespace })];
  const whole = async (name: string) => {
    const object = await admin.get<KubeObject>(kind, ref);
    const { resourceVersion } = object.metadata;
    return { ...object, metadata: { name, namespace, ...(name === ref.name && { resourceVersion }) } };
  };
  const asked: Record<(typeof verbs)[number], () => Promise<unknown>> = {
    get: () => client.get(kind, ref),
    list: () => client.list(kind, { namespace }),
    watch: () => client.raw('GET', `${all}?watch=true&timeoutSeconds=1`),
    create: async () => client.create(kind, (await whole('other')) as KubeObject, { dryRun: true }),
    update: async () => client.replace(kind, (await whole('hello')) as KubeObject, { dryRun: true }),
    patch: () => client.mergePatch(kind, ref, {}, { dryRun: true }),
    delete: () => client.raw('DELETE', `${one}?dryRun=All`),
    deletecollection: () => client.raw('DELETE', `${all}?dryRun=All`),
  };
  return asked[verb]();
}

const can = (client: Client, verb: (typeof verbs)[number], kind: Resource) =>
  attempt(client, verb, kind).then(
    () => 'may',
    (error: unknown) => {
      if (!isForbidden(error)) throw error;
      return 'may not';
    },
  );

/** What a role can do, verb by verb, as `App: get list …`. */
async function rights(role: (typeof who)[number]): Promise<string[]> {
  const lines: string[] = [];
  for (const [kind] of samples) {
    const allowed: string[] = [];
    for (const verb of verbs) if ((await can(clients[role], verb, kind)) === 'may') allowed.push(verb);
    lines.push(`${kind.kind}: ${allowed.join(' ')}`.trim());
  }
  return lines;
}

const read = 'get list watch';
const all = verbs.join(' ');

describe('every verb with every role', () => {
  it.each([
    ['nobody', ['App:', 'Machine:', 'Schedule:', 'Secret:']],
    ['viewer', [`App: ${read}`, `Machine: ${read}`, `Schedule: ${read}`, 'Secret:']],
    ['deployer', [`App: ${read} update patch`, 'Machine:', 'Schedule:', 'Secret:']],
    ['admin', [`App: ${all}`, `Machine: ${all}`, `Schedule: ${all}`, `Secret: ${all}`]],
  ] as const)('%s', async (role, wanted) => {
    expect(await rights(role)).toEqual(wanted);
  });

  it('the status is written by the operator alone', async () => {
    for (const role of who) {
      for (const [kind] of samples) {
        const patch = { status: { observedGeneration: 7 } };
        const options = { subresource: 'status', dryRun: true };
        const written = clients[role].mergePatch(kind, { namespace, name: 'hello' }, patch, options);
        await expect(written).rejects.toThrow('Forbidden');
      }
    }
  });

  it('the number of machines is changed by admins alone', async () => {
    const scaled = (role: (typeof who)[number]) =>
      change(role, { spec: { replicas: 3 } }, { subresource: 'scale' }).then(({ isDone }) => isDone);
    expect(await Promise.all(who.map(scaled))).toEqual([false, false, false, true]);
  });

  it('Secrets of Kubernetes, roles and tokens are beyond all of them', async () => {
    const paths = ['/api/v1/namespaces/@/secrets', '/apis/rbac.authorization.k8s.io/v1/namespaces/@/roles'];
    for (const role of who) {
      for (const path of paths)
        await expect(clients[role].raw('GET', path.replace('@', namespace))).rejects.toThrow('Forbidden');
      const token = `/api/v1/namespaces/${namespace}/serviceaccounts/admin/token`;
      await expect(clients[role].raw('POST', token, { spec: {} })).rejects.toThrow('Forbidden');
    }
  });

  it('nor does any of them reach another namespace', async () => {
    for (const role of who)
      await expect(clients[role].list(apps, { namespace: 'default' })).rejects.toThrow('Forbidden');
  });
});

interface Changed {
  readonly isDone: boolean;
  readonly message: string;
}

/** A change of the App hello as a merge patch; nothing is kept. */
function change(role: keyof typeof clients, patch: object, more: { subresource?: string } = {}): Promise<Changed> {
  return clients[role].mergePatch(apps, { namespace, name: 'hello' }, patch, { dryRun: true, ...more }).then(
    () => ({ isDone: true, message: '' }),
    (error: Error) => ({ isDone: false, message: error.message }),
  );
}

const [app, worker] = spec.processes;

describe('a deployer', () => {
  it.each([
    ['the image', { spec: { image: 'x:2' } }],
    ['the environment', { spec: { image: 'x:2', env: { A: '2', NEW: 'x' } } }],
    ['no environment', { spec: { env: null } }],
    ['the annotation that restarts', { metadata: { annotations: { 'airfield.dev/restarted-at': 'now' } } }],
    [
      'what kubectl apply keeps',
      { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } },
    ],
  ])('may change %s', async (_, patch) => {
    expect(await change('deployer', patch)).toEqual({ isDone: true, message: '' });
  });

  it.each([
    ['another field', { spec: { killTimeout: '7s' } }, 'and not spec.killTimeout: ask for'],
    ['a field that is gone', { spec: { killTimeout: null } }, 'and not spec.killTimeout: ask for'],
    ['several new ones', { spec: { count: 2, mounts: [] } }, /and not spec\.(count, spec\.mounts|mounts, spec\.count)/],
    ['one beside the image', { spec: { image: 'x:2', expiresAfter: '1m' } }, 'and not spec.expiresAfter'],
    ['a command', { spec: { processes: [{ ...app, command: ['sh'] }, worker] } }, 'and not spec.processes: ask for'],
    ['another command', { spec: { processes: [app, { ...worker, command: ['sh'] }] } }, 'and not spec.processes'],
    ['no command', { spec: { processes: [app, { name: 'worker' }] } }, 'and not spec.processes'],
    ['a group more', { spec: { processes: [app, worker, { name: 'new' }] } }, 'and not spec.processes'],
    ['a group less', { spec: { processes: [app] } }, 'and not spec.processes'],
    ['the name of a group', { spec: { processes: [app, { ...worker, name: 'new' }] } }, 'and not spec.processes'],
    ['no groups', { spec: { processes: null } }, 'and not spec.processes'],
    ['a label', { metadata: { labels: { team: 'x' } } }, 'labels, finalizers and owners'],
    ['a finalizer', { metadata: { finalizers: ['example.com/x'] } }, 'labels, finalizers and owners'],
    [
      'an owner, which would be a deletion',
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' }] } },
      'labels, finalizers and owners',
    ],
    ['another annotation', { metadata: { annotations: { 'example.com/x': 'y' } } }, 'no annotation of Apps but'],
  ])('may not change %s', async (_, patch, why) => {
    const { isDone, message } = await change('deployer', patch);
    expect(isDone).toBe(false);
    expect(message).toMatch(why);
    expect(message).toContain('ask for the right to create Apps');
    expect((await change('admin', patch)).isDone).toBe(true);
  });

  it('may do so by server-side apply, too', async () => {
    const applied = (more: object) => {
      const object = { apiVersion, kind: 'App', metadata: { name: 'hello', namespace }, spec: { ...spec, ...more } };
      return clients.deployer.apply(apps, object as KubeObject, { fieldManager: 'ci', force: true, dryRun: true });
    };
    await expect(applied({ image: 'x:2' })).resolves.toMatchObject({ spec: { image: 'x:2' } });
    await expect(applied({ killTimeout: '7s' })).rejects.toThrow('spec.killTimeout');
  });

  it('makes no App by applying it', async () => {
    const object = { apiVersion, kind: 'App', metadata: { name: 'new', namespace }, spec };
    await expect(clients.deployer.apply(apps, object as KubeObject, { fieldManager: 'ci' })).rejects.toThrow(
      'Forbidden',
    );
  });

  it('who is something else as well has the rights of both', async () => {
    const patch = { spec: { killTimeout: '7s' } };
    expect((await change('deployer and viewer', patch)).isDone).toBe(false);
    expect((await change('deployer and admin', patch)).isDone).toBe(true);
  });
});

/** It changes finalizers of what is deleted with `--cascade=foreground`, and may create nothing. */
it("Kubernetes' garbage collector goes on to do its work", async () => {
  const collector = 'system:serviceaccount:kube-system:generic-garbage-collector';
  const patch = JSON.stringify({ metadata: { finalizers: ['foregroundDeletion'] } });
  const args = [
    'patch',
    'apps.airfield.dev',
    'hello',
    '-n',
    namespace,
    '--type=merge',
    '-p',
    patch,
    '--dry-run=server',
  ];
  const as = ['--kubeconfig', inject('kubeconfig'), '--as', collector];
  expect(await run(await kubectlPath(), [...args, ...as])).toContain('patched');
});

it("are part of Kubernetes' own roles", async () => {
  type Aggregating = KubeObject & {
    aggregationRule?: { clusterRoleSelectors: { matchLabels: Record<string, string> }[] };
  };
  const partsOf = async (name: string) => {
    const { aggregationRule } = await admin.get<Aggregating>(clusterRoles, { name });
    const chosen = roles.filter(({ metadata }) =>
      aggregationRule?.clusterRoleSelectors.some(({ matchLabels }) =>
        Object.entries(matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
      ),
    );
    return chosen.map(({ metadata }) => metadata.name);
  };
  expect(await partsOf('view')).toEqual(['airfield-viewer']);
  expect(await partsOf('edit')).toEqual(['airfield-deployer', 'airfield-admin']);
  expect(await partsOf('admin')).toEqual(['airfield-admin']);
});

it('have no wildcard', () => {
  for (const role of roles as (KubeObject & { rules: Record<string, string[]>[] })[])
    for (const rule of role.rules) expect(Object.values(rule).flat()).not.toContain('*');
});
