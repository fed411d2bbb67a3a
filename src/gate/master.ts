import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { masterArguments } from './haproxy-command.ts';
import { isMasterProcess } from './master-process.ts';
import { defaults, type GateSettings, paths } from './settings.ts';

const lookEveryMs = 100;
const tellAgainMs = 50;

export interface MasterEvents {
  /** What HAProxy says, a line at a time; only of one that was started here. */
  readonly onLine: (line: string) => void;
  /** It has gone without having been asked to. */
  readonly onExit: () => void;
}

/**
 * The master process of HAProxy. It outlives a gate that is killed, and is found again by its process id: its socket
 * refuses connections whenever it loads a configuration (HAProxy 2.6).
 */
export class Master {
  readonly #settings: GateSettings;
  readonly #paths: ReturnType<typeof paths>;
  readonly #events: MasterEvents;
  #pid: number | undefined;
  #look: NodeJS.Timeout | undefined;
  #isOurs = false;
  #isStopping = false;
  readonly #end = () => this.tell('SIGTERM');

  constructor(settings: GateSettings, events: MasterEvents) {
    this.#settings = settings;
    this.#paths = paths(settings);
    this.#events = events;
  }

  /** Whether it is started by somebody else, and may be started again at any time. */
  get isBeside(): boolean {
    return this.#settings.haproxyMode === 'beside';
  }

  /** Undefined: it does not run, as far as is known. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** The one that runs, whoever has started it. From now on it is this gate's to end. */
  async find(): Promise<number | undefined> {
    this.#isOurs = true;
    if (this.#pid === undefined || !isMasterProcess(this.#pid, this.#paths.master)) {
      const pid = Number(await readFile(this.#paths.pid, 'utf8').catch(() => ''));
      this.#pid = undefined;
      if (pid > 0 && isMasterProcess(pid, this.#paths.master)) this.#watch(pid);
    }
    return this.#pid;
  }

  /**
   * What becomes of it is seen on its socket. The shell has written the process id before there is a HAProxy, so that none
   * can run of which the next gate does not know. Detached: Ctrl-C is for the gate, which then ends it softly.
   */
  async start(): Promise<void> {
    await rm(this.#paths.master, { force: true });
    const { haproxy = defaults.haproxy } = this.#settings;
    const args = ['-c', 'echo $$ > "$0"; exec "$@"', this.#paths.pid, haproxy, ...masterArguments(this.#paths)];
    const child = spawn('sh', args, { stdio: ['ignore', 'inherit', 'pipe'], detached: true });
    readLines(child, this.#events.onLine);
    child.once('error', ({ message }) => this.#events.onLine(message));
    if (child.pid !== undefined) this.#watch(child.pid);
  }

  tell(signal: NodeJS.Signals): void {
    try {
      if (this.#pid !== undefined) process.kill(this.#pid, signal);
    } catch {
      // It has gone, which is looked at elsewhere.
    }
  }

  /**
   * Ends it when nothing is under way any more, at the latest after `graceMs`. While it loads a configuration it loses
   * signals, so it is told until it has gone; told twice, it goes on as before.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const deadline = performance.now() + graceMs;
    while (this.#isOurs && (await this.find()) !== undefined) {
      this.tell(performance.now() < deadline ? 'SIGUSR1' : 'SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, tellAgainMs));
    }
    this.release();
  }

  /** It may run on; nothing is known of it any more. */
  release(): void {
    clearInterval(this.#look);
    process.off('exit', this.#end);
    this.#pid = undefined;
  }

  #watch(pid: number): void {
    this.release();
    this.#pid = pid;
    // What nobody else starts has nobody else to end it.
    if (!this.isBeside) process.once('exit', this.#end);
    this.#look = setInterval(() => {
      if (this.#pid !== pid || isMasterProcess(pid, this.#paths.master)) return;
      this.release();
      if (!this.#isStopping) this.#events.onExit();
    }, lookEveryMs);
  }
}

/** What a program says on its standard error. */
export function readLines({ stderr }: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) onLine(line);
  });
}
