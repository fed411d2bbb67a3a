import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../cluster/exec.ts';
import { buildImage, type ImageArchive } from '../cluster/image/build.ts';
import { readRecipe } from '../cluster/image/recipe.ts';
import { ensureHaproxy, installHaproxy } from '../gate/haproxy-installed.ts';

const root = join(import.meta.dirname, '..', '..');

/** The image of the gate as its sources are now, not as dist/ has it. */
export async function buildGateImage(): Promise<ImageArchive> {
  await installHaproxy();
  await ensureHaproxy();
  const recipe = await readRecipe(join(import.meta.dirname, 'images', 'gate'));
  const folder = await mkdtemp(join(tmpdir(), 'airfield-gate-image-'));
  try {
    await run(process.execPath, ['build.ts', folder, 'gate'], { cwd: root });
    return await buildImage({ ...recipe, files: [{ from: folder, to: recipe.workdir, mode: '0644' }] });
  } finally {
    await rm(folder, { recursive: true });
  }
}
