import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cpuSecondsOf, memoryOf } from '../measure/process.ts';
import { memoryFlags } from './operator-process.ts';

const program = join(import.meta.dirname, 'bare-watcher.ts');

/** Something that lists and watches what the operator does, and does nothing about it. */
export class WatcherProcess {
  /** What it took to list everything, in milliseconds. */
  readonly listedAfterMs: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, listedAfterMs: number) {
    this.#child = child;
    this.listedAfterMs = listedAfterMs;
  }

  /** Resolves when it has listed everything. */
  static async start(kubeconfig: string): Promise<WatcherProcess> {
    const env = { PATH: process.env.PATH, KUBECONFIG: kubeconfig, NODE_ENV: 'production' };
    const child = spawn(process.execPath, [...memoryFlags, program], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    return new WatcherProcess(child, Number(line));
  }

  get cpuSeconds(): number {
    return cpuSecondsOf(this.#child.pid ?? 0);
  }

  get memory() {
    return memoryOf(this.#child.pid ?? 0);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
