import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { run } from '../cluster/exec.ts';
import { buildImage, type ImageArchive } from '../cluster/image/build.ts';
import { readRecipe } from '../cluster/image/recipe.ts';
import { ensureHaproxy, installHaproxy } from '../gate/haproxy-installed.ts';

const root = join(import.meta.dirname, '..', '..');

/** What the chart asks for where nobody says otherwise. */
export const airfieldImage = `airfield.local/airfield:${manifest.version}`;

/** The image of operator, gate and command line as their sources are now, not as dist/ has them. Needs no Docker. */
export async function buildAirfieldImage(): Promise<ImageArchive> {
  await installHaproxy();
  await ensureHaproxy();
  const recipe = await readRecipe(join(import.meta.dirname, 'images', 'airfield'));
  const folder = await mkdtemp(join(tmpdir(), 'airfield-image-'));
  try {
    await run(process.execPath, ['build.ts', folder], { cwd: root });
    const files = [{ from: folder, to: recipe.workdir, mode: '0644' }];
    return await buildImage({ ...recipe, name: airfieldImage, files });
  } finally {
    await rm(folder, { recursive: true });
  }
}
