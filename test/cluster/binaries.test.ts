import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureBinaries } from './binaries.ts';
import { silent } from './progress.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airfield-binaries-'));
  await writeFile(join(dir, 'etcd'), '');
  await chmod(join(dir, 'etcd'), 0o755);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

describe('a program of the cluster', () => {
  it('is taken from KUBEBUILDER_ASSETS', async () => {
    vi.stubEnv('KUBEBUILDER_ASSETS', dir);
    expect(await ensureBinaries(['etcd'], silent)).toEqual({ etcd: join(dir, 'etcd') });
  });

  it('is taken from where its own variable says, before all else', async () => {
    vi.stubEnv('KUBEBUILDER_ASSETS', dir);
    vi.stubEnv('TEST_ASSET_ETCD', '/opt/etcd');
    vi.stubEnv('TEST_ASSET_KUBE_APISERVER', '/opt/kube-apiserver');
    const found = await ensureBinaries(['etcd', 'kube-apiserver'], silent);
    expect(found).toEqual({ etcd: '/opt/etcd', 'kube-apiserver': '/opt/kube-apiserver' });
  });
});
