// Is process 1 of a container: starts the stop program as a preStop hook does, says what it was sent and which of the
// programs have ended by themselves, and ends with SIGQUIT, or when no program is left.
// Arguments: the program, and a JSON list of Starts.
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';

export interface Start {
  readonly args: readonly string[];
  /** User and group to start it as. Default: those of process 1. */
  readonly uid?: number;
}

/** Written line by line as JSON. */
export type Saying =
  | { readonly signal: string }
  | { readonly args: readonly string[]; readonly exitCode: number | null };

const [program = '', starts = '[]'] = process.argv.slice(2);
const say = (saying: Saying) => writeSync(1, `${JSON.stringify(saying)}\n`);
let running = 0;
// A program that never ends must not leave a process behind.
setTimeout(() => process.exit(constants.errno.ETIMEDOUT), 20_000).unref();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGQUIT'] as const) {
  process.on(signal, () => {
    say({ signal });
    if (signal === 'SIGQUIT') process.exit(0);
  });
}

for (const { args, uid } of JSON.parse(starts) as Start[]) {
  running += 1;
  const child = spawn(program, args, { stdio: 'inherit', ...(uid !== undefined && { uid, gid: uid }) });
  child.on('error', () => process.exit(constants.errno.ENOEXEC));
  child.on('exit', (exitCode) => {
    say({ args, exitCode });
    running -= 1;
    if (running === 0) process.exit(0);
  });
}
