import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { buildTimeoutMs, helm, render, valuesFiles } from '../chart/helm.ts';
import { kubectlPath } from '../cluster/binaries.ts';
import { CommandError, run, until } from '../cluster/exec.ts';

const crds = join(import.meta.dirname, '..', '..', 'crds');
const kubectl = async (args: readonly string[], input = '') =>
  run(await kubectlPath(), ['--kubeconfig', inject('kubeconfig'), ...args], { input });

/** Where gates read certificates. */
const certificates = 'airfield-system-certificates';

/** Of the Prometheus operator, which is not on this API server. */
const foreign = 'monitoring.coreos.com/v1';

beforeAll(async () => {
  await helm(['version']);
  const namespaces = ['airfield-system', certificates, 'acme'].map((name) => ({
    kind: 'Namespace',
    metadata: { name },
  }));
  const items = namespaces.map((object) => ({ apiVersion: 'v1', ...object }));
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  // Other files have the same API server, and write the same at the same time.
  const apply = ['apply', '--server-side', '--force-conflicts', '-f'];
  await until('the namespaces and the CRDs', async () => [
    await kubectl([...apply, '-'], list),
    await kubectl([...apply, crds]),
  ]);
}, buildTimeoutMs);

describe('what comes of the chart', () => {
  it.each(valuesFiles)('is taken by the API server: %s', async (name) => {
    const items = (await render(name)).filter(({ apiVersion }) => apiVersion !== foreign);
    const how = ['--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'];
    const said = await kubectl(['apply', ...how, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect(said.trim().split('\n')).toHaveLength(items.length);
  });
});

describe('a gate of the chart', () => {
  const as = '--as=system:serviceaccount:airfield-system:airfield-gate';
  const mayRead = (namespace: string) =>
    kubectl(['get', 'secrets', as, '--namespace', namespace, '-o', 'name']).catch(
      (error: CommandError) => error.message,
    );

  it('reads certificates, and neither the sealing keys nor Secrets of Apps', async () => {
    const permissions = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];
    const items = (await render('edge-gate')).filter(
      ({ kind, metadata }) => permissions.includes(kind) && metadata.name.startsWith('airfield-gate'),
    );
    const secrets = [
      ['airfield-system', 'airfield-sealing-keys'],
      [certificates, 'hello-tls'],
      ['acme', 'database'],
    ].map(([namespace, name]) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } }));
    const list = { apiVersion: 'v1', kind: 'List', items: [...items, ...secrets] };
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(list));
    // The API server sees new permissions a moment after they were written.
    await until('the certificates to be read', async () => (await mayRead(certificates)).includes('secret/hello-tls'));
    for (const namespace of ['airfield-system', 'acme']) expect(await mayRead(namespace)).toContain('Forbidden');
    const key = ['get', 'secret', 'airfield-sealing-keys', as, '--namespace', 'airfield-system'];
    await expect(kubectl(key)).rejects.toThrow('Forbidden');
    const anywhere = ['get', 'secrets', as, '--all-namespaces'];
    await expect(kubectl(anywhere)).rejects.toThrow('Forbidden');
  });
});

describe('the CRDs of a version', () => {
  const become = (version: string | null) => {
    const patch = { metadata: { annotations: { 'airfield.dev/version': version } } };
    const how = ['--dry-run=server', '--type=merge', '-p', JSON.stringify(patch)];
    return kubectl(['patch', 'crd', 'apps.airfield.dev', ...how]);
  };
  const refusal = (version: string | null) =>
    become(version).then(
      () => undefined,
      (error: unknown) => (error instanceof CommandError ? error.message : Promise.reject(error)),
    );

  it('are not replaced by those of an older one', { timeout: 240_000 }, async () => {
    // A policy holds a moment after it is made.
    await expect.poll(() => refusal('0.0.9'), { timeout: 120_000, interval: 200 }).toBeDefined();
    const message = `the CRD apps.airfield.dev is of version ${manifest.version} and would become 0.0.9, which may lose fields`;
    expect(await refusal('0.0.9')).toContain(message);
    expect(await refusal(null)).toContain('would become 0.0.0');
  });

  it.each([manifest.version, '999.0.0-rc.1', '999.0.0'])('are replaced by those of %s', async (version) => {
    expect(await refusal(version)).toBeUndefined();
  });
});
