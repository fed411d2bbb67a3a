import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './exec.ts';
import type { Progress } from './progress.ts';
import type { Source } from './sources.ts';

/** Puts a released program at `path`, its checksum verified. False where there is no release, or none that can be reached. */
export async function download(
  name: string,
  { version, released }: Source,
  path: string,
  progress: Progress,
): Promise<boolean> {
  if (!released?.systems.includes(process.platform)) return false;
  const system = [process.platform, process.arch === 'x64' ? 'amd64' : process.arch] as const;
  const url = released.url(...system);
  const checksum = await fetch(`${url}.sha256`, { signal: AbortSignal.timeout(5_000) })
    .then((answer) => (answer.ok ? answer.text() : undefined))
    .catch(() => undefined);
  if (!checksum) return false;
  await progress.step(`${name} ${version} downloaded`, async () => {
    const bytes = await verified(url, checksum.trim());
    const member = released.member?.(...system);
    await (member ? unpack(bytes, member, path) : writeFile(path, bytes, { mode: 0o755 }));
  });
  return true;
}

async function verified(url: string, checksum: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(600_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== checksum) throw new Error(`${url}: checksum is ${sum}, should be ${checksum}`);
  return bytes;
}

async function unpack(archive: Buffer, member: string, path: string): Promise<void> {
  const folder = await mkdtemp(`${path}.`);
  try {
    await writeFile(join(folder, 'archive.tar.gz'), archive);
    await run('tar', ['-xzf', join(folder, 'archive.tar.gz'), '-C', folder, member]);
    await rename(join(folder, member), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
