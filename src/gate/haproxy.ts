import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdLua } from './hold-lua.ts';
import { Master, type MasterEvents, readLines } from './master.ts';
import { processesOf } from './processes.ts';
import { send } from './runtime-socket.ts';
import { defaults, type GateSettings, paths } from './settings.ts';

/** Time that HAProxy has for coming up with a configuration, in milliseconds. */
const longestStartMs = 30_000;
const everyMs = 10;

/**
 * HAProxy as master and workers: a worker for each configuration, of which the last one takes new connections. One that
 * runs already, because the gate before was killed, is taken over.
 */
export class Haproxy {
  readonly #settings: GateSettings;
  readonly #paths: ReturnType<typeof paths>;
  readonly #master: Master;
  #generation = 0;
  #loaded: string | undefined;
  #isStopping = false;

  constructor(settings: GateSettings, events: MasterEvents) {
    this.#settings = settings;
    this.#paths = paths(settings);
    this.#master = new Master(settings, events);
  }

  get isRunning(): boolean {
    return this.#master.pid !== undefined;
  }

  /** Where the process listens that takes new connections. */
  get socket(): string {
    return this.#paths.runtime(this.#generation);
  }

  /** The same, of one of its threads. */
  socketOf(thread: number): string {
    return this.#paths.runtime(this.#generation, thread);
  }

  /**
   * Loads a configuration, which is given the number of its generation; starts HAProxy if it does not run. No connection
   * is lost: the listening sockets go from process to process. Throws what HAProxy says if it refuses; the one before
   * stays.
   */
  async load(config: (generation: number) => string): Promise<void> {
    if (this.#generation === 0) await this.#lookBack();
    const generation = this.#generation + 1;
    const text = config(generation);
    await writeFile(this.#paths.lua, holdLua(this.#paths.hold));
    await writeFile(this.#paths.nextConfig, text);
    await this.#check();
    if (this.#isStopping) throw new Error('the gate is stopping');
    await this.#removeSockets((one) => one === generation);
    await rename(this.#paths.nextConfig, this.#paths.config);
    try {
      await this.#take(generation);
    } catch (error) {
      // Whatever makes HAProxy start again, it is with what has worked.
      if (this.#loaded !== undefined) await writeFile(this.#paths.config, this.#loaded);
      throw error;
    }
    this.#generation = generation;
    this.#loaded = text;
    await this.#removeSockets((one) => one !== generation);
  }

  /**
   * Ends when nothing is under way any more, at the latest after `graceMs`. Without a configuration a HAProxy that somebody
   * else starts again waits for the next gate.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#master.stop(graceMs);
    if (this.#generation > 0) await rm(this.#paths.config, { force: true });
  }

  /** For a gate that cannot go on: a HAProxy that somebody else has started serves on. */
  async leave(): Promise<void> {
    if (!this.#master.isBeside) return this.stop(0);
    this.#isStopping = true;
    this.#master.release();
  }

  /** What a gate before has left, which may have been killed at any moment: HAProxy may be loading its last one yet. */
  async #lookBack(): Promise<void> {
    const [known, ...last] = await Promise.all([
      this.#sockets(),
      ...[this.#paths.config, this.#paths.nextConfig].map((path) => readFile(path, 'utf8').catch(() => '')),
    ]);
    // The first such line is HAProxy's own; what Apps have said stands behind it.
    const written = last.map((text) => Number(/^ {2}stats socket .*\/run-(\d+)\.sock/m.exec(text)?.[1] ?? 0));
    this.#generation = Math.max(0, ...known.map(({ generation }) => generation), ...written);
    if ((await this.#master.find()) !== undefined) this.#loaded = last[0] || undefined;
  }

  /** Those that have sockets, each with the name of one. */
  async #sockets(): Promise<{ readonly generation: number; readonly file: string }[]> {
    const files = await readdir(this.#settings.directory);
    return files.flatMap((file) => {
      const [, generation] = /^run-(\d+)(?:-\d+)?\.sock$/.exec(file) ?? [];
      return generation ? [{ generation: Number(generation), file }] : [];
    });
  }

  async #removeSockets(of: (generation: number) => boolean): Promise<void> {
    const old = (await this.#sockets()).filter(({ generation }) => of(generation));
    await Promise.all(old.map(({ file }) => rm(join(this.#settings.directory, file), { force: true })));
  }

  async #check(): Promise<void> {
    const { haproxy = defaults.haproxy } = this.#settings;
    const check = spawn(haproxy, ['-c', '-q', '-f', this.#paths.nextConfig], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: string[] = [];
    readLines(check, (line) => said.push(line));
    check.once('error', (error) => said.push(explain(error)));
    const code = await new Promise((resolve) => check.once('close', resolve));
    if (code !== 0) throw new Error(`HAProxy refuses the configuration:\n${said.join('\n')}`);
  }

  /**
   * A master that runs is told once to load; one that has started with this configuration, because it was written before,
   * has its socket. The new process answers on its own socket as soon as it has taken over. The master then starts itself
   * once more, and loses signals until it answers, too (HAProxy 2.6).
   */
  async #take(generation: number): Promise<void> {
    if ((await this.#master.find()) === undefined && !this.#master.isBeside) await this.#master.start();
    const deadline = performance.now() + longestStartMs;
    let told: { readonly pid: number; readonly failures: number } | undefined;
    while (performance.now() < deadline && !(this.#isStopping && this.#master.isBeside)) {
      const pid = await this.#master.find();
      if (pid === undefined && !this.#master.isBeside) throw new Error('HAProxy has exited: its last lines say why');
      const isUp = await answers(this.#paths.runtime(generation));
      const master = pid === undefined ? undefined : await processesOf(this.#paths.master).catch(() => undefined);
      if (isUp && master) return;
      if (pid !== undefined && master && told?.pid === pid && master.failedReloads > told.failures) {
        throw new Error('HAProxy could not take the configuration: its last lines say why');
      }
      if (pid !== undefined && master && told?.pid !== pid && !existsSync(this.#paths.runtime(generation))) {
        told = { pid, failures: master.failedReloads };
        this.#master.tell('SIGUSR2');
      }
      await sleep(everyMs);
    }
    throw new Error(await this.#whyNot());
  }

  async #whyNot(): Promise<string> {
    const isSomewhere = await processesOf(this.#paths.master).catch(() => undefined);
    if (this.#isStopping) return 'the gate is stopping';
    return isSomewhere && this.#master.pid === undefined
      ? 'HAProxy runs where this process cannot see it: its pod needs `shareProcessNamespace: true`'
      : `HAProxy was not up within ${longestStartMs / 1000}s`;
  }
}

/** In words, why a program could not be started. */
function explain(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'haproxy is not installed: apt-get install haproxy' : error.message;
}

async function answers(path: string): Promise<boolean> {
  return send(path, ['show version']).then(
    (answer) => answer !== '',
    () => false,
  );
}
