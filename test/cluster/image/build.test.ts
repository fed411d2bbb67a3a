import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../exec.ts';
import { buildImage } from './build.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airfield-image-'));
});
afterEach(() => rm(dir, { recursive: true }));

const recipe = async (text: string) => writeFile(join(dir, 'image.yaml'), text);
const app = 'name: airfield.local/app:1\nfiles: [{from: app, to: /app}]\ncmd: [/app/run]\nexposedPorts: [80]\n';

async function writeApp(): Promise<void> {
  await recipe(app);
  await mkdir(join(dir, 'app'));
  await writeFile(join(dir, 'app', 'run'), '#!/bin/sh\n', { mode: 0o755 });
}

describe('an image', () => {
  it('has the same digest for the same content, whatever the times of its files', async () => {
    await writeApp();
    const first = await buildImage(dir);
    await utimes(join(dir, 'app', 'run'), 1, 1);
    expect(await buildImage(dir)).toEqual(first);
    await writeFile(join(dir, 'app', 'run'), '#!/bin/sh\necho\n');
    expect((await buildImage(dir)).digest).not.toBe(first.digest);
  });

  it('is an archive in both layouts, whose parts have the digests they are named by', async () => {
    await writeApp();
    const { path, digest } = await buildImage(dir);
    await run('tar', ['-xf', path, '-C', dir]);
    const json = async (name: string) => JSON.parse(await readFile(join(dir, name), 'utf8'));
    const index = await json('index.json');
    expect(index.manifests[0]).toMatchObject({
      digest,
      annotations: { 'io.containerd.image.name': 'airfield.local/app:1' },
    });
    const [saved] = await json('manifest.json');
    expect(saved.RepoTags).toEqual(['airfield.local/app:1']);
    expect((await json(saved.Config)).config).toMatchObject({ Cmd: ['/app/run'], ExposedPorts: { '80/tcp': {} } });
    for (const layer of saved.Layers) {
      expect(await run('sha256sum', [join(dir, layer)])).toContain(layer.split('/').at(-1));
    }
    expect(await run('tar', ['-tvf', join(dir, saved.Layers.at(-1))])).toMatch(/-rwxr-xr-x 0\/0 .* app\/run/);
  });

  it('says which field of the recipe is wrong', async () => {
    await recipe('name: app\nbase: debian\n');
    await expect(buildImage(dir)).rejects.toThrow(/image\.yaml:.*\n?.*host\/name:tag[\s\S]*base/);
  });
});
