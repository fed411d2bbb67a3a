import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { crds } from '../../../src/api/crds.ts';
import { deployPolicy } from '../../../src/api/deploy-policy.ts';
import { apiVersion, label } from '../../../src/api/meta.ts';
import { apps, machines, secrets as ownSecrets, schedules } from '../../../src/controller/resources.ts';
import { type Addressed, type Client, connect } from '../../../src/kube/client.ts';
import { isForbidden, isUnauthorized } from '../../../src/kube/errors.ts';
import {
  configMaps,
  customResourceDefinitions,
  namespaces,
  pathOf,
  pods,
  type Resource,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
} from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { kubectlPath } from '../../cluster/binaries.ts';
import { run, until } from '../../cluster/exec.ts';
import { accountWith, connectWith } from '../account.ts';

const cli = join(import.meta.dirname, '..', '..', '..', 'src', 'cli.ts');
const namespace = `tokens-${randomBytes(4).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'airfield-tokens-'));
let admin: Client;

const policy = (kind: string): Resource => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  plural: kind.replace(/y$/, 'ie').toLowerCase().concat('s'),
  namespaced: false,
});

async function install(client: Client, objects: readonly (readonly [Resource, object])[]): Promise<void> {
  for (const [resource, object] of objects)
    await client.apply(resource, object as Addressed, { fieldManager: 'test', force: true });
}

const clusterRoles: Resource = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
};

const kinds = () => crds().map((crd) => [customResourceDefinitions, crd] as const);
const app = (name: string, spec: object = {}) =>
  ({ apiVersion, kind: 'App', metadata: { name, namespace }, spec: { image: 'x:1', ...spec } }) as KubeObject;

beforeAll(async () => {
  admin = await connect({ kubeConfigPath: inject('kubeconfig') });
  const policies = (deployPolicy() as KubeObject[]).map((object) => [policy(object.kind), object] as const);
  await install(admin, [...kinds(), ...policies]);
  await until('the kind', () => admin.list(apps, { limit: 1 }));
  await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const name of ['hello', 'other']) await admin.create(apps, app(name));
});
afterAll(() => {
  admin?.close();
  rmSync(folder, { recursive: true });
});

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function airfield(args: readonly string[], kubeconfig = inject('kubeconfig')): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    execFile(process.execPath, [cli, 'tokens', ...args, '-n', namespace], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

interface Made {
  readonly name: string;
  readonly token: string;
  readonly expiresAt: string;
  readonly client: Client;
}

async function create(scope: 'deploy' | 'read', ...flags: string[]): Promise<Made> {
  const { code, stdout, stderr } = await airfield(['create', scope, '-a', 'hello', '--output', 'json', ...flags]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const made = JSON.parse(stdout);
  expect(stderr).not.toContain(made.token);
  return { ...made, client: await connectWith(made.token) };
}

type Step = (client: Client) => Promise<unknown>;
const of = (name: string) => ({ namespace, name });
const named = (name: string) => `${pathOf(apps, { namespace })}?fieldSelector=metadata.name%3D${name}`;
const delete_ = (resource: Resource, name?: string) => (client: Client) =>
  client.raw('DELETE', `${pathOf(resource, { namespace, ...(name && { name }) })}?dryRun=All`);
const options = { dryRun: true } as const;

/** What somebody may want to do, and who may. */
const rights: Record<string, readonly ['both' | 'deploy' | 'none', Step]> = {
  'get the App': ['both', (client) => client.get(apps, of('hello'))],
  'watch the App': ['both', (client) => client.raw('GET', `${named('hello')}&watch=true&timeoutSeconds=1`)],
  'read its status': ['both', (client) => client.get(apps, of('hello'), { subresource: 'status' })],
  'list pods': ['both', (client) => client.list(pods, { namespace })],
  'list Events': ['both', (client) => client.raw('GET', `/api/v1/namespaces/${namespace}/events`)],
  'change its image': ['deploy', (client) => client.mergePatch(apps, of('hello'), { spec: { image: 'x:2' } }, options)],
  'change its env': [
    'deploy',
    (client) => client.mergePatch(apps, of('hello'), { spec: { env: { A: 'b' } } }, options),
  ],
  'change its count': ['none', (client) => client.mergePatch(apps, of('hello'), { spec: { count: 9 } }, options)],
  'scale it': [
    'none',
    (client) => client.mergePatch(apps, of('hello'), { spec: { replicas: 9 } }, { ...options, subresource: 'scale' }),
  ],
  'write its status': [
    'none',
    (client) => client.mergePatch(apps, of('hello'), { status: {} }, { ...options, subresource: 'status' }),
  ],
  'replace it': [
    'none',
    async (client) => client.replace(apps, await admin.get<KubeObject>(apps, of('hello')), options),
  ],
  'delete it': ['none', delete_(apps, 'hello')],
  'delete all Apps': ['none', delete_(apps)],
  'make an App': ['none', (client) => client.create(apps, app('new'), options)],
  'list all Apps': ['none', (client) => client.list(apps, { namespace })],
  'get another App': ['none', (client) => client.get(apps, of('other'))],
  'change another App': ['none', (client) => client.mergePatch(apps, of('other'), { spec: { image: 'x:2' } }, options)],
  'delete pods': ['none', delete_(pods)],
  'read Machines': ['none', (client) => client.list(machines, { namespace })],
  'read Schedules': ['none', (client) => client.list(schedules, { namespace })],
  'read Secrets of Airfield': ['none', (client) => client.list(ownSecrets, { namespace })],
  'read Secrets': ['none', (client) => client.list(secrets, { namespace })],
  'read ConfigMaps': ['none', (client) => client.list(configMaps, { namespace })],
  'read other namespaces': ['none', (client) => client.list(pods, { namespace: 'default' })],
  'make tokens': [
    'none',
    (client) => client.raw('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, { spec: {} }),
  ],
  'make roles': [
    'none',
    (client) =>
      client.create(roles, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: of('mine') }, options),
  ],
};

describe.each(['deploy', 'read'] as const)('a token to %s', (scope) => {
  let made: Made;
  beforeAll(async () => {
    made = await create(scope);
    await until('its rights', () => made.client.get(apps, of('hello')));
    return () => made.client.close();
  });

  it.each(Object.keys(rights))('%s', async (what) => {
    const [who, step] = rights[what]!;
    const outcome = await step(made.client).then(
      () => 'may',
      (error: unknown) => {
        if (!isForbidden(error)) throw error;
        return 'may not';
      },
    );
    expect(outcome).toBe(who === 'both' || who === scope ? 'may' : 'may not');
  });
});

describe('airfield tokens create', () => {
  it('makes a token for the time that was asked for, which ends with the App', async () => {
    const { name, expiresAt, client } = await create('read', '--expiry', '2h');
    client.close();
    const hours = (Date.parse(expiresAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1.9);
    expect(hours).toBeLessThanOrEqual(2.01);
    const { metadata } = await admin.get<KubeObject>(apps, of('hello'));
    for (const kind of [serviceAccounts, roles, roleBindings]) {
      const part = await admin.get<KubeObject>(kind, of(name));
      expect(part.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'App', uid: metadata.uid })]);
    }
  });

  it('prints the token alone, or a kubeconfig that kubectl takes, into a file that nobody else reads', async () => {
    const bare = await airfield(['create', 'read', '-a', 'hello']);
    expect(bare.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const file = join(folder, 'ci.yaml');
    const args = ['create', 'deploy', '-a', 'hello', '--output', 'kubeconfig', '--file', file];
    expect(await airfield(args)).toMatchObject({ code: 0, stdout: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const patch = JSON.stringify({ spec: { image: 'x:2' } });
    const kubectl = ['patch', 'apps.airfield.dev', 'hello', '--type=merge', '-p', patch, '--dry-run=server'];
    expect(await run(await kubectlPath(), [...kubectl, '--kubeconfig', file])).toContain('patched');
    expect(parse(readFileSync(file, 'utf8')).contexts[0].context.namespace).toBe(namespace);
    const again = await airfield(args);
    expect(again).toMatchObject({ code: 1, stderr: `error: ${file} exists already: name another file with --file\n` });
  });

  it.each([
    [['create', 'write', '-a', 'hello'], 2, 'Allowed choices are deploy, read'],
    [['create', 'read', '-a', 'hello', '--expiry', '1d'], 2, 'Write a duration from `10m` to `8760h`.'],
    [['create', 'read', '-a', 'hello', '--expiry', '5m'], 2, 'Write a duration from `10m` to `8760h`.'],
    [['create', 'read', '-a', 'hullo'], 1, 'there is no App hullo in namespace'],
  ])('refuses %j', async (args, exitCode, why) => {
    const { code, stdout, stderr } = await airfield(args);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain(why);
  });

  it('is for those who are admin of the namespace, and not for those who only administrate Apps', async () => {
    const file = join(import.meta.dirname, '../../../charts/airfield/files/user-roles.yaml');
    const own = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubeObject);
    await install(
      admin,
      own.map((role) => [clusterRoles, role]),
    );
    const kubeconfig = (name: string, ...roles: string[]) => accountWith(admin, { namespace, name, roles });
    // What the ClusterRole admin is put together of, where there is a controller for that.
    const parts = ['view', 'edit', 'admin'].map((role) => `system:aggregate-to-${role}`);
    const whole = await kubeconfig('whole', ...parts, ...own.map(({ metadata }) => metadata.name));
    const ofApps = await kubeconfig('of-apps', 'airfield-admin');
    const args = ['create', 'deploy', '-a', 'hello'];
    const made = await until('the rights', async () => {
      const result = await airfield(args, whole);
      return result.code === 0 ? result : undefined;
    });
    expect(made?.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const refused = await airfield(args, ofApps);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^error: Forbidden: .*cannot create resource "serviceaccounts".*airfield doctor/);
  });

  it('leaves nothing behind where it fails', async () => {
    const before = (await airfield(['list', '-o', 'json'])).stdout;
    expect((await airfield(['create', 'read', '-a', 'hello', '--file', '/nowhere/ci.yaml'])).code).toBe(1);
    expect((await airfield(['list', '-o', 'json'])).stdout).toBe(before);
  });
});

describe('airfield tokens list', () => {
  it('shows what for, by whom, since when and until when, and never a token', async () => {
    const { name, token, client } = await create('deploy', '--expiry', '48h');
    client.close();
    const { stdout } = await airfield(['list', '-a', 'hello']);
    const line = stdout.split('\n').find((text) => text.startsWith(name)) ?? '';
    expect(line).toMatch(/^\S+ +hello +deploy +admin +\d+s ago +in (1d23h|2d)$/);
    expect(stdout).not.toContain(token);
    expect(readFileSync(inject('auditLog'), 'utf8')).not.toContain(token);
    expect(await airfield(['list', '-a', 'other'])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('there are no tokens for App other'),
    });
    const listed = JSON.parse((await airfield(['list', '-o', 'json'])).stdout) as object[];
    expect(listed).toContainEqual(expect.objectContaining({ name, app: 'hello', scope: 'deploy', madeBy: 'admin' }));
  });
});

describe('airfield tokens revoke', () => {
  it('ends a token: its rights at once, and the token itself', async () => {
    const { name, client } = await create('deploy');
    await until('its rights', () => client.get(apps, of('hello')));
    expect(await airfield(['revoke', name])).toEqual({ code: 0, stdout: `${name}\n`, stderr: '' });
    const refusal = () =>
      client.get(apps, of('hello')).then(
        () => undefined,
        (error: Error) => error,
      );
    await until('its rights to be gone', async () => Boolean(await refusal()), 2000, 20);
    await until('the token to be refused', async () => isUnauthorized(await refusal()));
    client.close();
    for (const kind of [serviceAccounts, roles, roleBindings])
      await expect(admin.get(kind, of(name))).rejects.toThrow();
  });

  it('removes those that have expired, and no others', async () => {
    const [old, fresh] = [await create('read'), await create('read')];
    const annotations = { 'airfield.dev/expires-at': '2020-01-01T00:00:00Z' };
    await admin.mergePatch(serviceAccounts, of(old.name), { metadata: { annotations } });
    expect((await airfield(['list'])).stdout).toMatch(new RegExp(`${old.name} .* expired\n`));
    expect((await airfield(['revoke', '--expired'])).stdout).toBe(`${old.name}\n`);
    await expect(admin.get(serviceAccounts, of(fresh.name))).resolves.toBeDefined();
    for (const { client } of [old, fresh]) client.close();
  });

  it('leaves alone what is no token, and says so', async () => {
    await admin.create(serviceAccounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: of('mine'),
    } as KubeObject);
    const foreign = await airfield(['revoke', 'mine']);
    expect(foreign).toMatchObject({ code: 1, stderr: expect.stringContaining('mine was not made by') });
    await expect(admin.get(serviceAccounts, of('mine'))).resolves.toBeDefined();
    expect((await airfield(['revoke', 'nobody'])).stderr).toContain(
      `there is no token nobody in namespace ${namespace}`,
    );
    expect(await airfield(['revoke'])).toMatchObject({ code: 2, stderr: expect.stringContaining('which tokens?') });
  });
});

describe('where nothing limits deploy tokens', () => {
  let bare: ApiServer;
  let client: Client;
  beforeAll(async () => {
    bare = await startApiServer();
    client = await connect({ kubeConfigPath: bare.kubeconfig });
    await install(client, kinds());
    await until('the kind', () => client.list(apps, { limit: 1 }));
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await client.create(apps, app('hello'));
    return async () => {
      client.close();
      await bare.stop();
    };
  });

  it('there are none, but tokens to read', async () => {
    const refused = await airfield(['create', 'deploy', '-a', 'hello'], bare.kubeconfig);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^error: nothing would limit a deploy token .*kubectl apply -f crds\/deploy-policy\.yaml/,
    );
    for (const kind of [serviceAccounts, roles, roleBindings]) {
      const { items } = await client.list(kind, { namespace, labelSelector: label.token });
      expect(items).toEqual([]);
    }
    expect(await airfield(['create', 'read', '-a', 'hello'], bare.kubeconfig)).toMatchObject({ code: 0 });
  });
});
