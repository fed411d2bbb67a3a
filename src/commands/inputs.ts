import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSource, type Source } from './conversion.ts';

export interface Input {
  /** A path, or `-`. */
  readonly file: string;
  readonly source: Source;
}

/** What flyctl looks for in a folder, in its order; the first that is there counts. */
const names = ['fly.toml', 'fly.json', 'fly.yaml'];

/** Whether a path is a folder, which stands for every fly.toml below it. */
export async function isFolder(path: string): Promise<boolean> {
  return path !== '-' && (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** The files that are meant by paths, each once. */
export async function inputsOf(paths: readonly string[]): Promise<Input[]> {
  const inputs = new Map<string, Input>();
  for (const path of paths) {
    for (const input of (await isFolder(path)) ? await inputsBelow(path) : [await inputOf(path)]) {
      const key = input.file === '-' ? '-' : resolve(input.file);
      if (!inputs.has(key)) inputs.set(key, input);
    }
  }
  return [...inputs.values()];
}

async function inputOf(file: string): Promise<Input> {
  return { file, source: await readSource(file) };
}

async function inputsBelow(folder: string): Promise<Input[]> {
  const found = await below(folder);
  const problem = 'there is no fly.toml, fly.json or fly.yaml in this folder or below it';
  return found.length > 0 ? found : [{ file: folder, source: { problem } }];
}

/** In the order of their paths, which is the same everywhere. Links to folders are not followed: they may lead in circles. */
async function below(folder: string): Promise<Input[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [{ file: folder, source: { problem: 'this folder may not be read by you' } }];
  const name = names.find((name) => entries.some((entry) => entry.name === name && !entry.isDirectory()));
  const inputs = name === undefined ? [] : [await inputOf(join(folder, name))];
  const folders = entries.filter((entry) => entry.isDirectory() && !/^(\..*|node_modules)$/.test(entry.name));
  for (const child of folders.map((entry) => entry.name).sort()) inputs.push(...(await below(join(folder, child))));
  return inputs;
}
