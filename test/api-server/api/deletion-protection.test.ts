import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { deletionProtection } from '../../../src/api/deletion-protection.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { apps } from '../../../src/controller/resources.ts';
import type { Addressed } from '../../../src/kube/client.ts';
import { namespaces, pathOf, type Resource } from '../../../src/kube/resources.ts';
import { until } from '../../cluster/exec.ts';
import { client, installCrd } from './app-verdict.ts';

const advice = 'set spec.deletionProtection to false first';

const resourceOf = (kind: string): Resource => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  plural: kind.replace(/y$/, 'ie').toLowerCase().concat('s'),
  namespaced: false,
});

/** A namespace with an App in it that is protected or not. */
async function home(isProtected: boolean | undefined): Promise<string> {
  const name = `protected-${randomBytes(4).toString('hex')}`;
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await edit(name, isProtected);
  return name;
}

function edit(namespace: string, isProtected: boolean | undefined): Promise<unknown> {
  const spec = { image: 'x:1', ...(isProtected !== undefined && { deletionProtection: isProtected }) };
  const metadata = { name: 'hello', namespace };
  return client.apply(apps, { apiVersion, kind: 'App', metadata, spec }, { fieldManager: 'test' });
}

const hello = (namespace: string) => ({ namespace, name: 'hello' });
const refusal = (deletion: Promise<unknown>) =>
  deletion.then(
    () => undefined,
    (error: Error) => error.message,
  );

/** The API server learns of policies, and of Apps for those of namespaces, a moment later. */
const known = (path: string) =>
  until(`${path} to be protected`, () => refusal(client.raw('DELETE', `${path}?dryRun=All`)));

beforeAll(async () => {
  await installCrd();
  for (const object of deletionProtection() as (Addressed & { kind: string })[])
    await client.apply(resourceOf(object.kind), object, { fieldManager: 'test', force: true });
  const name = await home(true);
  await known(pathOf(namespaces, { name }));
  await known(pathOf(apps, hello(name)));
});

describe('a protected App', () => {
  it('cannot be deleted, and says what to do', async () => {
    const name = await home(true);
    await expect(client.delete(apps, hello(name))).rejects.toThrow(`App hello is protected: ${advice}`);
    await expect(client.get(apps, hello(name))).resolves.toMatchObject({ spec: { deletionProtection: true } });
  });

  it('cannot be deleted among others', async () => {
    const name = await home(true);
    const all = `/apis/${apiVersion}/namespaces/${name}/apps`;
    await expect(client.raw('DELETE', all)).rejects.toThrow(advice);
  });

  it('can be deleted once it is not protected any more', async () => {
    const name = await home(true);
    await edit(name, false);
    expect(await refusal(client.delete(apps, hello(name)))).toBeUndefined();
  });

  it('can be edited', async () => {
    const name = await home(true);
    await expect(client.mergePatch(apps, hello(name), { spec: { image: 'x:2' } })).resolves.toBeDefined();
  });

  it('keeps its namespace', async () => {
    const name = await home(true);
    await known(pathOf(namespaces, { name }));
    await expect(client.delete(namespaces, { name })).rejects.toThrow(`App hello in it is protected: ${advice}`);
    await expect(client.get(namespaces, { name })).resolves.toMatchObject({ status: { phase: 'Active' } });
    await edit(name, false);
    await until('the namespace to be let go', async () => !(await refusal(client.delete(namespaces, { name }))));
  });
});

describe('an App without protection', () => {
  it.each([undefined, false])('can be deleted where it says %s', async (isProtected) => {
    const name = await home(isProtected);
    expect(await refusal(client.delete(apps, hello(name)))).toBeUndefined();
  });

  it('does not keep its namespace, nor does no App at all', async () => {
    const name = await home(false);
    expect(await refusal(client.delete(namespaces, { name }))).toBeUndefined();
    const empty = `empty-${name}`;
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: empty } });
    expect(await refusal(client.delete(namespaces, { name: empty }))).toBeUndefined();
  });
});
