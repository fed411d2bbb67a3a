import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../exec.ts';
import { cacheRoot } from '../paths.ts';
import type { ImageArchive } from './build.ts';
import type { Recipe } from './recipe.ts';

const node = 'node:24-bookworm-slim';
const bases: Readonly<Record<Recipe['base'], string>> = {
  scratch: 'scratch',
  busybox: 'busybox:1.37-glibc',
  node,
  'distroless-node': `gcr.io/distroless/cc-debian12\nCOPY --from=${node} /usr/local/bin/node /usr/local/bin/`,
};

/** Builds a recipe with Docker, for systems whose own programs cannot run in a container. Needs a registry for the base. */
export async function buildWithDocker(recipe: Recipe): Promise<ImageArchive> {
  const context = await mkdtemp(join(tmpdir(), 'airfield-image-'));
  try {
    for (const [index, { from }] of recipe.files.entries())
      await cp(from, join(context, String(index)), { recursive: true });
    await writeFile(join(context, 'Dockerfile'), dockerfile(recipe));
    await run('docker', ['build', '--quiet', '--tag', recipe.name, context]);
    const digest = (await run('docker', ['image', 'inspect', '--format', '{{.Id}}', recipe.name])).trim();
    const path = join(cacheRoot, 'images', `${digest.replace('sha256:', '')}.tar`);
    await mkdir(join(cacheRoot, 'images'), { recursive: true });
    await run('docker', ['save', '--output', path, recipe.name]);
    return { name: recipe.name, digest, path };
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The recipe in Docker's words. */
export function dockerfile(recipe: Recipe): string {
  const copy = ({ to, mode }: Recipe['files'][number], index: number) =>
    `COPY ${mode ? `--chmod=${mode} ` : ''}${JSON.stringify([String(index), to])}`;
  const lines = [
    `FROM ${bases[recipe.base]}`,
    ...(recipe.programs.length > 0 ? [install(recipe.programs)] : []),
    ...recipe.files.map(copy),
    ...Object.entries(recipe.env).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`),
    `WORKDIR ${recipe.workdir}`,
    `USER ${recipe.user}`,
    ...recipe.exposedPorts.map((port) => `EXPOSE ${port}`),
    `ENTRYPOINT ${JSON.stringify(recipe.entrypoint)}`,
    `CMD ${JSON.stringify(recipe.cmd)}`,
  ];
  return `${lines.join('\n')}\n`;
}

const install = (packages: Recipe['programs']) =>
  `RUN apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
