import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../paths.ts';
import { baseEntries, programEntries } from './base.ts';
import { buildWithDocker } from './docker.ts';
import { type Recipe, readRecipe } from './recipe.ts';
import { type Entry, tar } from './tar.ts';

/** An image as a tar that `ctr images import`, `kind load image-archive` and `docker load` accept. */
export interface ImageArchive {
  readonly name: string;
  /** Digest of the OCI manifest, `sha256:…`; equal content has an equal digest. */
  readonly digest: string;
  readonly path: string;
}

/** Builds the image of a folder with `image.yaml`, of a recipe file, or of a recipe. Kept in the cache by its digest. */
export async function buildImage(source: string | Recipe): Promise<ImageArchive> {
  const recipe = typeof source === 'string' ? await readRecipe(source) : source;
  const isOfThisMachine = recipe.base !== 'scratch' || recipe.programs.length > 0;
  if (process.platform !== 'linux' && isOfThisMachine) return buildWithDocker(recipe);
  const parts = [await programEntries(recipe.programs), (await Promise.all(recipe.files.map(fileEntries))).flat()];
  const layers = [await baseEntries(recipe.base), ...parts.filter((entries) => entries.length > 0)];
  return archive(recipe, await Promise.all(layers.map(tar)));
}

async function fileEntries({ from, to, mode }: Recipe['files'][number]): Promise<Entry[]> {
  const info = await stat(from);
  if (info.isDirectory()) {
    const names = (await readdir(from)).filter((name) => name !== 'image.yaml');
    const inside = await Promise.all(
      names.map((name) => fileEntries({ from: join(from, name), to: join(to, name), mode })),
    );
    return [{ path: to, mode: 0o755, folder: true }, ...inside.flat()];
  }
  const usual = info.mode & 0o100 ? 0o755 : 0o644;
  return [{ path: to, mode: mode ? Number.parseInt(mode, 8) : usual, bytes: await readFile(from) }];
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** One tar in both layouts: the OCI image layout, and the `manifest.json` of `docker save` pointing at the same blobs. */
async function archive(recipe: Recipe, layers: readonly Buffer[]): Promise<ImageArchive> {
  const blobs: Entry[] = [];
  const blob = (mediaType: string, bytes: Buffer): Blob => {
    const hex = sha256(bytes);
    blobs.push({ path: `blobs/sha256/${hex}`, mode: 0o644, bytes });
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layerBlobs = layers.map((layer) => blob('application/vnd.oci.image.layer.v1.tar', layer));
  const config = blob('application/vnd.oci.image.config.v1+json', json(imageConfig(recipe, layerBlobs)));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = blob(mediaType, json({ schemaVersion: 2, mediaType, config, layers: layerBlobs }));
  const path = join(cacheRoot, 'images', `${manifest.digest.slice('sha256:'.length)}.tar`);
  const image = { name: recipe.name, digest: manifest.digest, path };
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return image;
  const annotations = {
    'io.containerd.image.name': recipe.name,
    'org.opencontainers.image.ref.name': recipe.name.split(':').at(-1),
  };
  const at = ({ digest }: Blob) => `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const bytes = await tar([
    ...blobs,
    { path: 'oci-layout', mode: 0o644, bytes: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', mode: 0o644, bytes: json({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }) },
    {
      path: 'manifest.json',
      mode: 0o644,
      bytes: json([{ Config: at(config), RepoTags: [recipe.name], Layers: layerBlobs.map(at) }]),
    },
  ]);
  await mkdir(join(cacheRoot, 'images'), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, bytes);
  await rename(partial, path);
  return image;
}

function imageConfig(recipe: Recipe, layers: readonly Blob[]) {
  const path = 'PATH=/usr/local/bin:/usr/bin:/bin';
  return {
    created: new Date(0).toISOString(),
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Env: [path, ...Object.entries(recipe.env).map(([name, value]) => `${name}=${value}`)],
      Entrypoint: recipe.entrypoint,
      Cmd: recipe.cmd,
      WorkingDir: recipe.workdir,
      User: recipe.user,
      ExposedPorts: Object.fromEntries(recipe.exposedPorts.map((port) => [`${port}/tcp`, {}])),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  };
}
