import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { run, until } from './exec.ts';

/** A background process, remembered with its start time so that a later process with the same number is never hit. */
export interface Daemon {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string;
  readonly log: string;
}

export interface DaemonOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Opens an IPC channel to the new process; the caller disconnects it. */
  readonly ipc?: boolean;
}

/** Starts a process that outlives this one; its output goes to the end of `log`. */
export async function startDaemon(
  name: string,
  argv: readonly string[],
  log: string,
  options: DaemonOptions = {},
): Promise<Daemon & { child: ChildProcess }> {
  mkdirSync(dirname(log), { recursive: true });
  const out = openSync(log, 'a');
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', out, out, ...(options.ipc ? (['ipc'] as const) : [])],
    env: { ...process.env, ...options.env },
  });
  closeSync(out);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid as number));
  });
  child.unref();
  return { name, pid, startTime: (await startTimeOf(pid)) ?? '', log, child };
}

/** Start time of a process as the system tells it, or undefined when there is none (a zombie counts as none). */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return run('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
      (text) => text.trim() || undefined,
      () => undefined,
    );
  }
  try {
    // The command name in parentheses may hold spaces; field 3 (state) follows its last ")", field 22 is the start time.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Other threads of it may still be there for a moment, with all its ports.
    const isGone = fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1;
    return isGone ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export const isAlive = async (daemon: Pick<Daemon, 'pid' | 'startTime'>): Promise<boolean> =>
  daemon.startTime !== '' && (await startTimeOf(daemon.pid)) === daemon.startTime;

/** Ends a process: `signal` first, SIGKILL after `grace` milliseconds. Resolves when it is gone. */
export async function stopDaemon(
  daemon: Pick<Daemon, 'name' | 'pid' | 'startTime'>,
  signal: NodeJS.Signals = 'SIGTERM',
  grace = 5_000,
): Promise<void> {
  if (!(await isAlive(daemon))) return;
  const gone = async () => !(await isAlive(daemon));
  kill(daemon.pid, signal);
  await until(`${daemon.name} to end`, gone, grace, 20).catch(async () => {
    kill(daemon.pid, 'SIGKILL');
    await until(`${daemon.name} to be killed`, gone, 10_000, 20);
  });
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
