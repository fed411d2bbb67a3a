import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parse } from 'yaml';
import { type Addressed, type Client, connect } from '../../src/kube/client.ts';
import { roleBindings, serviceAccounts } from '../../src/kube/resources.ts';
import { writeKubeconfig } from '../cluster/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'airfield-accounts-'));

/** A client for somebody who has a token, on the API server of the project `api`. */
export async function connectWith(token: string, name = 'somebody'): Promise<Client> {
  const { clusters } = parse(readFileSync(inject('kubeconfig'), 'utf8'));
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const path = join(folder, `${name}-${process.hrtime.bigint()}`);
  await writeKubeconfig(path, { name, server, ca: Buffer.from(ca, 'base64').toString(), token });
  return connect({ kubeConfigPath: path });
}

/** A client for a new service account that is bound to these ClusterRoles in its namespace. */
export async function accountWith(
  admin: Client,
  { namespace, name, roles }: { namespace: string; name: string; roles: readonly string[] },
): Promise<Client> {
  const metadata = { namespace, name };
  await admin.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata } as Addressed);
  for (const role of roles) {
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace, name: `${name}-${role}` },
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
  return connectWith(status.token, name);
}
