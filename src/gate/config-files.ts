import { createHash } from 'node:crypto';
import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const kinds = ['pem', 'crt-list', 'map'] as const;

/**
 * What a configuration needs beside haproxy.cfg, in files that are named by what is in them: those of the configuration
 * that serves never change, and a new one brings its own.
 */
export class ConfigFiles {
  readonly #directory: string;
  readonly #contents = new Map<string, string>();
  readonly #sockets = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Path of the file with this in it. */
  path(kind: (typeof kinds)[number], content: string): string {
    const name = `${createHash('sha256').update(content).digest('hex').slice(0, 32)}.${kind}`;
    this.#contents.set(name, content);
    return join(this.#directory, name);
  }

  /** Path of a Unix socket that is the same for everything of this name, whatever else changes. Short, as HAProxy allows 97 bytes. */
  socket(name: string): string {
    const file = `${createHash('sha256').update(name).digest('base64url').slice(0, 11)}.to`;
    this.#sockets.add(file);
    return join(this.#directory, file);
  }

  /** Of files and sockets. */
  has(name: string): boolean {
    return this.#contents.has(name) || this.#sockets.has(name);
  }

  /** By name. */
  get contents(): ReadonlyMap<string, string> {
    return this.#contents;
  }
}

/** Where they lie. Nobody but the gate may read them, as there are keys among them. */
export class ConfigFolder {
  readonly #directory: string;
  readonly #written = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async write({ contents }: ConfigFiles): Promise<void> {
    for (const [name, content] of contents) {
      if (this.#written.has(name)) continue;
      const next = join(this.#directory, 'next');
      await writeFile(next, content, { mode: 0o600 });
      await chmod(next, 0o600);
      await rename(next, join(this.#directory, name));
      this.#written.add(name);
    }
  }

  /** Takes away what is not needed any more, also what a gate before has left. */
  async keepOnly(files: ConfigFiles): Promise<void> {
    const isOld = (name: string) => [...kinds, 'to'].some((kind) => name.endsWith(`.${kind}`)) && !files.has(name);
    for (const name of (await readdir(this.#directory)).filter(isOld)) {
      await rm(join(this.#directory, name), { force: true });
      this.#written.delete(name);
    }
  }
}
