import type { Readable, Writable } from 'node:stream';

export interface TerminalStreams {
  readonly tty: boolean;
  readonly stdin: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Lends this program's terminal to another one: every key goes there as it is, Ctrl-C too. Where there is none its streams
 * are passed on.
 */
export async function withTerminal<T>(use: (streams: TerminalStreams) => Promise<T>): Promise<T> {
  const { stdin, stdout, stderr } = process;
  const tty = Boolean(stdin.isTTY && stdout.isTTY);
  if (tty) stdin.setRawMode(true);
  try {
    return await use({ tty, stdin, stdout, stderr });
  } finally {
    if (tty) stdin.setRawMode(false);
    // Else the process would wait for more of it.
    stdin.destroy();
  }
}
