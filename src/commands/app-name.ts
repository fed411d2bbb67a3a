import { readFile } from 'node:fs/promises';
import { CommandError } from './command-error.ts';

interface Given {
  readonly app?: string;
}

/** The App that a verb is about: told, or the `app` of the fly.toml in this folder, as flyctl does it. */
export async function appNameOf(flags: Given): Promise<string> {
  const name = await nameGiven(flags);
  if (name) return name;
  throw new CommandError('which App? Name it with -a, or go to the folder of its fly.toml', 2);
}

/** The same; undefined where neither says one. */
export async function nameGiven({ app }: Given): Promise<string | undefined> {
  if (app) return app;
  const text = await readFile('fly.toml', 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { readDocument } = await import('../toml/document.ts');
  const document = readDocument(text);
  const name = 'severity' in document ? undefined : document.root.app;
  if (typeof name === 'string' && name) return name;
  throw new CommandError('the fly.toml in this folder names no `app`: name the App with -a', 2);
}
