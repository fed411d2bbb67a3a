import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Addressed } from '../../../src/kube/client.ts';
import { type Resource, services } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { accountWith } from '../account.ts';
import { HandMade } from './hand-made.ts';

const file = join(import.meta.dirname, '../../../charts/airfield/files/user-roles.yaml');
const clusterRoles: Resource = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
};
let acme: HandMade;
const kubeconfigs: Record<string, string> = {};

beforeAll(async () => {
  acme = await HandMade.create();
  for (const document of parseAllDocuments(readFileSync(file, 'utf8')))
    await acme.client.apply(clusterRoles, document.toJS() as KubeObject, { fieldManager: 'test', force: true });
  await acme.app('hello');
  await acme.pod('hello', 'hello-app-x1');
  const internal = {
    metadata: { name: 'internal', namespace: acme.namespace },
    spec: { clusterIP: 'None', ports: [] },
  };
  await acme.client.create(services, internal as Addressed);
  for (const role of ['viewer', 'deployer']) {
    const account = { namespace: acme.namespace, name: role, roles: [`airfield-${role}`] };
    kubeconfigs[role] = await accountWith(acme.client, account);
  }
});
afterAll(() => acme.close());

const as = (role: string, ...args: string[]) => acme.airfield(...args, '--kubeconfig', kubeconfigs[role] ?? '');

describe.each(['viewer', 'deployer'])('who has the role airfield-%s', (role) => {
  it('may look', async () => {
    expect(await as(role, 'status', '-a', 'hello')).toMatchObject({ code: 0, stdout: /hello-app-x1/, stderr: '' });
    expect(await as(role, 'releases', '-a', 'hello')).toMatchObject({ code: 0 });
    expect(await as(role, 'status', '-a', 'helo')).toMatchObject({ code: 1, stderr: /; there are hello\n$/ });
  });

  it('is told what not', async () => {
    const { code, stdout } = await as(role, 'doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warn {2}permissions {4}in namespace acme you may not .*create pods\/exec \(console\)/m);
    expect(stdout).toMatch(/^warn {2}operator {7}not known: Forbidden: /m);
  });
});

describe('who may only look', () => {
  it('is told how to go on when something is refused', async () => {
    const { code, stderr } = await as('viewer', 'scale', '3', '-a', 'hello');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Forbidden: .*; ask for the right: `airfield doctor` shows what you may do\n$/);
  });
});
