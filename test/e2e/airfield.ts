import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Namespace } from './kubectl.ts';

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

/** The command line as people use it: a process with a kubeconfig, in a namespace. */
export class Airfield {
  stdout = '';
  stderr = '';
  /** Its exit code, or the signal that has ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;

  constructor({ name }: Namespace, args: readonly string[], input?: string) {
    // Options end at `--`.
    const all = [args[0] ?? '', '-n', name, ...args.slice(1)];
    const env = { ...process.env, KUBECONFIG: inject('kubeconfig'), FLY_APP: undefined };
    this.#child = spawn(process.execPath, [cli, ...all], { env, cwd: import.meta.dirname });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#child.stdin?.end(input ?? '');
    this.ended = new Promise((resolve) => this.#child.on('close', (code, signal) => resolve(code ?? signal)));
  }

  /** Runs it to its end. */
  static async run(
    namespace: Namespace,
    ...args: string[]
  ): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const one = new Airfield(namespace, args);
    const code = await one.ended;
    return { code, stdout: one.stdout, stderr: one.stderr };
  }

  stop(signal: NodeJS.Signals = 'SIGINT') {
    this.#child.kill(signal);
    return this.ended;
  }
}
