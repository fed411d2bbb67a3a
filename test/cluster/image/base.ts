import { readFile, realpath } from 'node:fs/promises';
import { run } from '../exec.ts';
import type { Recipe } from './recipe.ts';
import type { Entry } from './tar.ts';

/** What stands below a recipe's own files, taken from this machine. */
export async function baseEntries(base: Recipe['base']): Promise<Entry[]> {
  if (base === 'scratch') return skeleton;
  if (process.platform !== 'linux')
    throw new Error(`base: ${base} is assembled from this machine's programs, which needs Linux`);
  return [...skeleton, ...(await busybox()), ...(base === 'node' ? await node() : [])];
}

const text = (path: string, content: string): Entry => ({ path, mode: 0o644, bytes: Buffer.from(content) });

const skeleton: readonly Entry[] & Entry[] = [
  { path: '/etc', mode: 0o755, folder: true },
  { path: '/tmp', mode: 0o1777, folder: true },
  text('/etc/passwd', 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
  text('/etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
  text('/etc/nsswitch.conf', 'hosts: files dns\n'),
];

async function busybox(): Promise<Entry[]> {
  const path = await findBusybox();
  const applets = (await run(path, ['--list'])).trim().split('\n');
  const links = applets
    .filter((name) => name !== 'busybox')
    .map((name) => ({ path: `/bin/${name}`, target: 'busybox' }));
  return [{ path: '/bin/busybox', mode: 0o755, bytes: await readFile(path) }, ...links];
}

async function findBusybox(): Promise<string> {
  const path = await run('sh', ['-c', 'command -v busybox']).catch(() => '');
  if (!path) throw new Error('busybox is missing: apt-get install busybox-static');
  const dynamic = (await libraries(path.trim())).length > 0;
  if (dynamic) throw new Error(`${path.trim()} needs shared libraries: apt-get install busybox-static`);
  return path.trim();
}

async function node(): Promise<Entry[]> {
  const binary = await realpath(process.execPath);
  const shared = await Promise.all(
    (await libraries(binary)).map(async (path) => ({ path, mode: 0o755, bytes: await readFile(path) })),
  );
  return [{ path: '/usr/local/bin/node', mode: 0o755, bytes: await readFile(binary) }, ...shared];
}

/** Absolute paths of the libraries and the loader that a program is linked with; none for a static one. */
async function libraries(binary: string): Promise<string[]> {
  const listed = await run('ldd', [binary]).catch(() => '');
  return [...listed.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path]) => path as string);
}
