import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { helmKubernetesMinor, modules, type Source, sources } from './sources.ts';

const goMod = (module: string) => readFile(join(modules, module, 'go.mod'), 'utf8');

/** What a go.mod requires. */
async function required(module: string): Promise<{ path: string; version: string }[]> {
  const lines = (await goMod(module)).matchAll(/^(?:\t|require )(\S+) (v\S+)/gm);
  return Array.from(lines, ([, path = '', version = '']) => ({ path, version }));
}

const upstream = Object.entries<Source>(sources).filter(([, source]) => !source.package.startsWith('.'));

describe('a program built from source', () => {
  it.each(upstream)('%s has the version that go.mod pins', async (_name, source) => {
    const pinned = (await required(source.module)).filter(({ path }) => `${source.package}/`.startsWith(`${path}/`));
    expect(pinned.map(({ version }) => version)).toEqual([source.version]);
  });

  it.each(['etcd', 'coredns'] as const)('%s has a version that go.mod pins', async (name) => {
    const { module, version } = sources[name];
    expect((await required(module)).map((it) => it.version)).toContain(version);
  });

  it('helm takes the Kubernetes for the cluster that its client is of', async () => {
    const client = (await required('helm')).find(({ path }) => path === 'k8s.io/client-go');
    expect(client?.version).toMatch(new RegExp(`^v0\\.${helmKubernetesMinor}\\.`));
  });
});
