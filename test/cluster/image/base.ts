import { readFile, realpath } from 'node:fs/promises';
import { run } from '../exec.ts';
import { findBusybox, libraries } from './busybox.ts';
import type { Recipe } from './recipe.ts';
import type { Entry } from './tar.ts';

/** What stands below a recipe's own files, taken from this machine. */
export async function baseEntries(base: Recipe['base']): Promise<Entry[]> {
  if (base === 'scratch') return skeleton;
  return [
    ...skeleton,
    ...(base === 'distroless-node' ? [] : await busybox()),
    ...(base === 'busybox' ? [] : await program('/usr/local/bin/node', process.execPath)),
  ];
}

/** Programs of this machine, which has to have them. */
export async function programEntries(names: Recipe['programs']): Promise<Entry[]> {
  return (await Promise.all(names.map(async (name) => program(`/usr/bin/${name}`, await find(name))))).flat();
}

async function find(name: string): Promise<string> {
  const path = await run('sh', ['-c', `command -v ${name}`]).catch((cause: unknown) => {
    throw new Error(`${name} is missing: install it, on Debian with apt-get install ${name}`, { cause });
  });
  return path.trim();
}

const text = (path: string, content: string): Entry => ({ path, mode: 0o644, bytes: Buffer.from(content) });

const skeleton: Entry[] = [
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
  return [...links, ...(await program('/bin/busybox', path))];
}

/** A program with the libraries it is linked with, those at the paths where the loader looks for them. */
async function program(to: string, from: string): Promise<Entry[]> {
  const binary = await realpath(from);
  const files = [[to, binary], ...(await libraries(binary)).map((path) => [path, path])] as [string, string][];
  return Promise.all(files.map(async ([path, source]) => ({ path, mode: 0o755, bytes: await readFile(source) })));
}
