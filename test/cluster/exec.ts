import { spawn } from 'node:child_process';

export interface RunOptions {
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Milliseconds after which the command is killed. Default: none. */
  readonly timeout?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A command that could not be started, was killed, or answered with another exit code than 0. */
export class CommandError extends Error {
  readonly code: number | null;

  constructor(command: string, code: number | null, output: string) {
    super(`${command} failed (${code ?? 'not started or killed'})${output ? `:\n${tail(output)}` : ''}`);
    this.name = 'CommandError';
    this.code = code;
  }
}

/** The end of a long output, where the reason of a failure stands. */
export const tail = (text: string, lines = 15): string => text.trimEnd().split('\n').slice(-lines).join('\n');

/** Runs a command to its end and gives back its standard output. Throws a CommandError that carries what it said. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(command, args, {
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(options.timeout ? { timeout: options.timeout } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...(options.env ? { env: options.env } : {}),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const shown = [command, ...args].join(' ').slice(0, 200);
  child.on('error', (error) => reject(new CommandError(shown, null, error.message)));
  child.on('close', (code) => (code === 0 ? resolve(stdout) : reject(new CommandError(shown, code, stderr || stdout))));
  child.stdin?.on('error', () => undefined).end(options.input);
  return promise;
}

/** Whether a command runs and ends well. */
export const succeeds = (command: string, args: readonly string[], options: RunOptions = {}): Promise<boolean> =>
  run(command, args, options).then(
    () => true,
    () => false,
  );

/** Polls until `ready` answers something truthy; throws `what` and the last error when `timeout` milliseconds have gone. */
export async function until<T>(what: string, ready: () => Promise<T>, timeout = 120_000, every = 100): Promise<T> {
  const deadline = Date.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ready();
      if (answer) return answer;
    } catch (error) {
      if (error instanceof Fatal) throw error;
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeout / 1000} s`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** Thrown inside `until` when waiting longer is pointless. */
export class Fatal extends Error {}
