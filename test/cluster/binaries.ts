import { constants } from 'node:fs';
import { access, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { download } from './download.ts';
import { run } from './exec.ts';
import { withLock } from './lock.ts';
import { cacheRoot } from './paths.ts';
import { onStderr, type Progress } from './progress.ts';
import { type Binary, type Manifests, modules, type Source, sources } from './sources.ts';

/**
 * Paths of the given programs: from `TEST_ASSET_<NAME>`, else the folder `KUBEBUILDER_ASSETS`, else the cache,
 * which is filled from where they are released (checksum verified) or, where that cannot be reached, from source by Go.
 */
export async function ensureBinaries<B extends Binary>(names: readonly B[], progress: Progress = onStderr) {
  const found = {} as Record<B, string>;
  for (const name of names) found[name] = (await given(name)) ?? (await cached(name, progress));
  return found;
}

/** The kubectl that belongs to the cluster's version. */
export const kubectlPath = async (): Promise<string> => (await ensureBinaries(['kubectl'])).kubectl;

const exists = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function given(name: Binary): Promise<string | undefined> {
  const one = process.env[`TEST_ASSET_${name.toUpperCase().replaceAll('-', '_')}`];
  if (one) return one;
  const folder = process.env.KUBEBUILDER_ASSETS;
  const path = folder && join(folder, name);
  return path && (await exists(path)) ? path : undefined;
}

async function cached(name: Binary, progress: Progress): Promise<string> {
  const source: Source = sources[name];
  const path = join(cacheRoot, 'bin', source.version, name);
  if (await exists(path)) return path;
  return withLock(
    'binaries',
    async () => {
      if (await exists(path)) return path;
      const folder = join(cacheRoot, 'bin', source.version);
      await mkdir(folder, { recursive: true });
      await sweep(folder);
      const partial = `${path}.${process.pid}.partial`;
      if (!(await download(name, source, partial, progress))) await fromSource(name, source, partial, progress);
      await rename(partial, path);
      return path;
    },
    () => progress.note('waiting for another process that is preparing the same programs'),
  );
}

/** Removes what an interrupted download or build left; nobody else writes here while the lock is held. */
async function sweep(folder: string): Promise<void> {
  for (const file of await readdir(folder))
    if (file.endsWith('.partial')) await rm(join(folder, file), { recursive: true, force: true });
}

async function fromSource(name: string, source: Source, path: string, progress: Progress): Promise<void> {
  const go = await findGo();
  const { version, manifests, about } = source;
  if (manifests) {
    await progress.step(`${name} ${version} copied`, () => copy(go, source, path, manifests));
  } else {
    const begin = `building ${name} ${version} from source, about ${about}, once`;
    await progress.step(`${name} ${version} built`, () => build(go, source, path), begin);
  }
}

async function build(go: string, source: Source, path: string): Promise<void> {
  const flags = ['-trimpath', '-ldflags', `-s -w ${source.ldflags ?? ''}`];
  const options = { cwd: join(modules, source.module), env: { ...process.env, CGO_ENABLED: '0' } };
  await run(go, ['build', ...flags, '-o', path, source.package], options);
}

/** Takes files out of a module's source. */
async function copy(go: string, source: Source, path: string, { folder, files }: Manifests): Promise<void> {
  const options = { cwd: join(modules, source.module) };
  const { Dir } = JSON.parse(await run(go, ['mod', 'download', '-json', source.package], options)) as { Dir: string };
  await mkdir(path);
  for (const file of await readdir(join(Dir, folder)))
    if (files.test(file)) await copyFile(join(Dir, folder, file), join(path, file));
}

async function findGo(): Promise<string> {
  for (const go of ['go', '/usr/local/go/bin/go']) {
    const version = await run(go, ['env', 'GOVERSION']).catch(() => undefined);
    const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version ?? '') ?? [];
    if (Number(major) > 1 || Number(minor) >= 21) return go;
  }
  throw new Error(
    'Go 1.21 or later is needed to build programs whose releases are not there or cannot be reached: install it from https://go.dev/dl, ' +
      'or name a folder with the programs in KUBEBUILDER_ASSETS',
  );
}
