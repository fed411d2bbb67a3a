import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const file = z.strictObject({
  /** A file or a folder, relative to the recipe's folder. */
  from: z.string().min(1),
  /** Absolute path in the image. */
  to: z.string().startsWith('/'),
  /** Octal mode as a string, like "0755". Default: 0755 where the file is executable, else 0644. */
  mode: z
    .string()
    .regex(/^0?[0-7]{3,4}$/)
    .optional(),
});

/** `image.yaml`: an image assembled from what the machine has, without a registry. */
export const recipeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9.-]+\/[a-z0-9./_-]+:[A-Za-z0-9._-]+$/, 'write host/name:tag, like airfield.local/hello:1'),
  /**
   * `scratch` has nothing, `busybox` a shell and its applets, `node` the Node.js that runs this and busybox,
   * `distroless-node` only Node.js: no shell.
   */
  base: z.enum(['scratch', 'busybox', 'node', 'distroless-node']).default('scratch'),
  /** Debian's packages whose program of the same name comes along, as /usr/bin/NAME with its libraries. */
  programs: z.array(z.enum(['haproxy'])).default([]),
  files: z.array(file).default([]),
  entrypoint: z.array(z.string()).default([]),
  cmd: z.array(z.string()).default([]),
  env: z.record(z.string(), z.coerce.string()).default({}),
  workdir: z.string().startsWith('/').default('/'),
  user: z.coerce.string().default('0'),
  exposedPorts: z.array(z.int().min(1).max(65535)).default([]),
});

export type Recipe = z.infer<typeof recipeSchema>;

/** Reads `<path>/image.yaml`, or `path` itself when it is a file; `from` paths come back absolute. */
export async function readRecipe(path: string): Promise<Recipe> {
  const file = path.endsWith('.yaml') || path.endsWith('.yml') ? path : join(path, 'image.yaml');
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Error(`${file} cannot be read: name a folder that holds an image.yaml`, { cause: error });
  });
  const parsed = recipeSchema.safeParse(parse(text));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  const folder = resolve(file, '..');
  const absolute = (from: string) => (isAbsolute(from) ? from : join(folder, from));
  return { ...parsed.data, files: parsed.data.files.map((entry) => ({ ...entry, from: absolute(entry.from) })) };
}
