import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { parse } from 'yaml';
import { type Addressed, type Client, connect } from '../../src/kube/client.ts';
import { roleBindings, serviceAccounts } from '../../src/kube/resources.ts';
import { writeKubeconfig } from '../cluster/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'airfield-accounts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A kubeconfig for somebody who has a token, on the API server of the project `api`. */
export async function kubeconfigWith(token: string, name = 'somebody'): Promise<string> {
  const { clusters } = parse(readFileSync(inject('kubeconfig'), 'utf8'));
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const path = join(folder, `${name}-${process.hrtime.bigint()}`);
  await writeKubeconfig(path, { name, server, ca: Buffer.from(ca, 'base64').toString(), token });
  return path;
}

export async function connectWith(token: string): Promise<Client> {
  return connect({ kubeConfigPath: await kubeconfigWith(token) });
}

/** A kubeconfig for a new service account that is bound to these ClusterRoles in its namespace. */
export async function accountWith(
  admin: Client,
  { namespace, name, roles }: { namespace: string; name: string; roles: readonly string[] },
): Promise<string> {
  const metadata = { namespace, name };
  await admin.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata } as Addressed);
  for (const role of roles) {
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace, name: `${name}-${role.replaceAll(':', '-')}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    };
    await admin.create(roleBindings, binding);
  }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { status } = await admin.raw<{ status: { token: string } }>('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  return kubeconfigWith(status.token, name);
}
