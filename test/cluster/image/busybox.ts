import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../exec.ts';
import { withLock } from '../lock.ts';
import { cacheRoot } from '../paths.ts';

/**
 * Path of a busybox linked with shared libraries: the machine's own, else Debian's package, unpacked into the cache and
 * not installed. A static one will not do: the GNU C library resolves names by loading libraries of its own version.
 */
export async function findBusybox(): Promise<string> {
  const own = (await run('sh', ['-c', 'command -v busybox']).catch(() => '')).trim();
  if (own && (await libraries(own)).length > 0) return own;
  const path = join(cacheRoot, 'busybox', 'bin', 'busybox');
  if (!existsSync(path)) await withLock('busybox', () => (existsSync(path) ? Promise.resolve() : unpack()));
  return path;
}

async function unpack(): Promise<void> {
  // apt downloads as a user of its own, who cannot enter root's home.
  const folder = await mkdtemp(join(tmpdir(), 'airfield-busybox-'));
  try {
    await run('apt-get', ['download', '-q', 'busybox'], { cwd: folder }).catch(async () => {
      await run('apt-get', ['update', '-q']);
      await run('apt-get', ['download', '-q', 'busybox'], { cwd: folder });
    });
    const [archive = ''] = await readdir(folder);
    const partial = join(cacheRoot, `busybox.${process.pid}.partial`);
    await mkdir(partial, { recursive: true });
    await run('dpkg-deb', ['--extract', join(folder, archive), partial]);
    await rm(join(cacheRoot, 'busybox'), { recursive: true, force: true });
    await rename(partial, join(cacheRoot, 'busybox'));
  } catch (cause) {
    throw new Error('busybox with shared libraries is missing: install it, on Debian with apt-get install busybox', {
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Absolute paths of the libraries and the loader that a program is linked with; none for a static one. */
export async function libraries(binary: string): Promise<string[]> {
  const listed = await run('ldd', [binary]).catch(() => '');
  return [...listed.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path]) => path as string);
}
