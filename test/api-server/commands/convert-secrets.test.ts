import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { apps, secrets } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { configMaps, namespaces } from '../../../src/kube/resources.ts';
import { open } from '../../../src/sealing/box.ts';
import { newKeyRing } from '../../../src/sealing/key-ring.ts';
import { publicKeyConfigMapName, publishedData } from '../../../src/sealing/published-key.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const cli = join(import.meta.dirname, '..', '..', '..', 'src', 'cli.ts');
const folder = mkdtempSync(join(tmpdir(), 'airfield-convert-secrets-'));
const namespace = `convert-${randomBytes(4).toString('hex')}`;
const client = await connect({ kubeConfigPath: inject('kubeconfig') });
const ring = await newKeyRing(new Date('2026-01-01'));

beforeAll(async () => {
  await serveOwnKinds(client);
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const metadata = { namespace, name: publicKeyConfigMapName };
  await client.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: publishedData(ring),
  } as Addressed);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('airfield convert --secrets seals with the key of the cluster, and its API server takes what is printed', async () => {
  writeFileSync(join(folder, 'fly.toml'), 'app = "hello"\n[build]\nimage = "x:1"\n');
  writeFileSync(join(folder, '.env'), 'API_TOKEN=hunter2\n');
  const args = ['convert', '--secrets', '.env', '--namespace', namespace, '--operator-namespace', namespace];
  const env = { ...process.env, KUBECONFIG: inject('kubeconfig') };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: folder, env });
  const [secret, app] = parseAllDocuments(stdout, { version: '1.1' }).map((document) => document.toJS());
  const options = { fieldManager: 'test', dryRun: true };
  await expect(client.apply(secrets, secret, options)).resolves.toMatchObject({ spec: secret.spec });
  await expect(client.apply(apps, app, options)).resolves.toMatchObject({ metadata: { namespace } });
  const place = { namespace, name: 'hello', key: 'API_TOKEN' };
  expect((await open(secret.spec.data.API_TOKEN.sealed, place, ring)).value).toBe('hunter2');
});
