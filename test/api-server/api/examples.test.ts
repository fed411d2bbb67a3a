import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { ownResourceOf } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { run, until } from '../../cluster/exec.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const client = await connect({ kubeConfigPath: inject('kubeconfig') });

/** Applies a file of the examples; nothing is kept. */
async function dryRun(file: string): Promise<string> {
  const object = parse(await readFile(join(examples, file), 'utf8')) as Addressed & { kind: string };
  const placed = { ...object, metadata: { ...object.metadata, namespace: 'default' } };
  return client.apply(ownResourceOf(object), placed, { fieldManager: 'test', dryRun: true }).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

const examples = join(root, 'examples');
/** All but the image for the cluster of the tests, and what kustomize builds (test/api-server/gitops/layout.test.ts). */
const files = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !file.endsWith('image.yaml') && !file.startsWith('gitops/'))
  .sort();
const converted = readdirSync(examples).filter((folder) => existsSync(join(examples, folder, 'fly.toml')));

beforeAll(async () => {
  await serveOwnKinds(client);
  for (const file of files) {
    await until(`the kind of ${file} to be served`, async () => !(await dryRun(file)).startsWith('NotFound'));
  }
});

it.each(files)('examples/%s is accepted', async (file) => expect(await dryRun(file)).toBe('accepted'));

it.each(converted)('examples/%s/app.yaml is what its fly.toml becomes', async (example) => {
  const folder = join(examples, example);
  const app = await readFile(join(folder, 'app.yaml'), 'utf8');
  expect(await run(process.execPath, [join(root, 'src', 'cli.ts'), 'convert', join(folder, 'fly.toml')])).toBe(app);
});
