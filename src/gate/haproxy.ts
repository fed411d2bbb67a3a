import { type ChildProcess, spawn } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdLua } from './hold-lua.ts';
import { processesOf } from './processes.ts';
import { send } from './runtime-socket.ts';
import { defaults, type GateSettings, paths } from './settings.ts';

/** Time that HAProxy has for coming up with a configuration, in milliseconds. */
const longestStartMs = 30_000;
const everyMs = 10;
const tellAgainMs = 50;

export interface HaproxyEvents {
  /** What HAProxy says, a line at a time. */
  readonly onLine: (line: string) => void;
  /** It has gone without having been asked to. */
  readonly onExit: () => void;
}

/** HAProxy as master and workers: a worker for each configuration, of which the last one takes new connections. */
export class Haproxy {
  readonly #settings: GateSettings;
  readonly #paths: ReturnType<typeof paths>;
  readonly #events: HaproxyEvents;
  #master: ChildProcess | undefined;
  #generation = 0;
  #loaded: string | undefined;
  #isStopping = false;

  constructor(settings: GateSettings, events: HaproxyEvents) {
    this.#settings = settings;
    this.#paths = paths(settings);
    this.#events = events;
  }

  get isRunning(): boolean {
    return this.#master !== undefined;
  }

  /** Where the process listens that takes new connections. */
  get socket(): string {
    return this.#paths.runtime(this.#generation);
  }

  /**
   * Loads a configuration, which is given the number of its generation; starts HAProxy if it does not run. No connection
   * is lost: the listening sockets go from process to process. Throws what HAProxy says if it refuses; the one before
   * stays.
   */
  async load(config: (generation: number) => string): Promise<void> {
    const generation = this.#generation + 1;
    const text = config(generation);
    await writeFile(this.#paths.lua, holdLua(this.#paths.hold));
    await writeFile(this.#paths.nextConfig, text);
    await this.#check();
    await rename(this.#paths.nextConfig, this.#paths.config);
    try {
      await this.#take(generation);
    } catch (error) {
      // Whatever makes HAProxy start again, it is with what has worked.
      if (this.#loaded !== undefined) await writeFile(this.#paths.config, this.#loaded);
      throw error;
    }
    await rm(this.socket, { force: true });
    this.#generation = generation;
    this.#loaded = text;
  }

  /**
   * Ends when nothing is under way any more, at the latest after `graceMs`. A master that is loading a configuration loses
   * signals, so it is told until it has gone; told twice, it goes on as before.
   */
  async stop(graceMs: number): Promise<void> {
    const master = this.#master;
    this.#isStopping = true;
    if (!master || master.exitCode !== null || master.signalCode !== null) return;
    const exited = new Promise((resolve) => master.once('exit', resolve));
    const deadline = performance.now() + graceMs;
    const tell = () => master.kill(performance.now() < deadline ? 'SIGUSR1' : 'SIGTERM');
    tell();
    const timer = setInterval(tell, tellAgainMs);
    await exited;
    clearInterval(timer);
  }

  async #check(): Promise<void> {
    const check = this.#spawn(['-c', '-q', '-f', this.#paths.nextConfig]);
    const said: string[] = [];
    readLines(check, (line) => said.push(line));
    check.once('error', (error) => said.push(explain(error)));
    const code = await new Promise((resolve) => check.once('close', resolve));
    if (code !== 0) throw new Error(`HAProxy refuses the configuration:\n${said.join('\n')}`);
  }

  async #take(generation: number): Promise<void> {
    const failures = this.#master ? (await processesOf(this.#paths.master)).failedReloads : 0;
    if (this.#master) this.#master.kill('SIGUSR2');
    else await this.#start();
    await this.#until(generation, failures);
  }

  async #start(): Promise<void> {
    await rm(this.#paths.master, { force: true });
    const master = this.#spawn(['-W', '-S', `${this.#paths.master},mode,600`, '-f', this.#paths.config]);
    this.#master = master;
    readLines(master, this.#events.onLine);
    master.once('error', (error) => this.#events.onLine(explain(error)));
    const end = () => master.kill();
    process.once('exit', end);
    master.once('close', () => {
      process.off('exit', end);
      this.#master = undefined;
      if (!this.#isStopping) this.#events.onExit();
    });
  }

  /**
   * The new process answers on its own socket as soon as it has taken over. The master then starts itself once more, and
   * loses signals until it answers, too (HAProxy 2.6).
   */
  async #until(generation: number, failures: number): Promise<void> {
    const deadline = performance.now() + longestStartMs;
    while (performance.now() < deadline) {
      const isUp = await answers(this.#paths.runtime(generation));
      const master = await processesOf(this.#paths.master).catch(() => undefined);
      if (isUp && master) return;
      if (!this.#master) throw new Error('HAProxy has exited: its last lines say why');
      if (master && master.failedReloads > failures) {
        throw new Error('HAProxy could not take the configuration: its last lines say why');
      }
      await sleep(everyMs);
    }
    throw new Error(`HAProxy was not up within ${longestStartMs / 1000}s`);
  }

  #spawn(args: readonly string[]): ChildProcess {
    return spawn(this.#settings.haproxy ?? defaults.haproxy, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

async function answers(path: string): Promise<boolean> {
  return send(path, ['show version']).then(
    (answer) => answer !== '',
    () => false,
  );
}

function explain(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'haproxy is not installed: apt-get install haproxy' : error.message;
}

function readLines({ stderr }: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) onLine(line);
  });
}
