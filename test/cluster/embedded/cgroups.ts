import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../exec.ts';

const root = '/sys/fs/cgroup';

/** One folder for version 2; one for each hierarchy of version 1. */
async function hierarchies(): Promise<string[]> {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  const names = await readdir(root, { withFileTypes: true });
  return names.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
}

/** In version 2 a folder only has the controllers that the folder above hands down. Most systems hand down all of them. */
async function handDownControllers(): Promise<void> {
  const available = await readFile(join(root, 'cgroup.controllers'), 'utf8').catch(() => '');
  for (const controller of available.trim().split(' ').filter(Boolean)) {
    // Refused where processes sit in the root itself; then what is handed down already has to do.
    await writeFile(join(root, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
  }
}

/** Makes a node's folder everywhere, ready to hold pods. */
export async function createCgroup(path: string): Promise<void> {
  await handDownControllers();
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, path);
    await mkdir(folder, { recursive: true });
    // A new cpuset is empty in version 1, and no process may enter it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (existsSync(join(hierarchy, file)) && existsSync(join(folder, file))) {
        await writeFile(join(folder, file), (await readFile(join(hierarchy, file), 'utf8')).trim());
      }
    }
  }
}

/** Removes the folder with everything below it, once the processes in it are gone. */
export async function removeCgroup(path: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, path);
    await until(`cgroup ${folder} to be empty`, () => removeTree(folder).then(() => true), 10_000, 50);
  }
}

async function removeTree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  }
  await rmdir(folder);
}
