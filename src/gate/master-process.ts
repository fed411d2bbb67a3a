import { existsSync, readFileSync } from 'node:fs';

/**
 * Whether the process with this id is a master of HAProxy with this socket, and has not ended. A process id is given to
 * others later, and means another process in another PID namespace, so a number alone is never enough to send a signal.
 */
export function isMasterProcess(pid: number, socket: string): boolean {
  if (!existsSync('/proc/self/stat')) return exists(pid);
  try {
    // The name in brackets may have brackets and blanks in it. Z: has ended, and nobody has asked how.
    const state = / ([A-Za-z]) [^)]*$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    // Empty for a moment, while a master starts itself again.
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return state !== 'Z' && state !== 'X' && (command === '' || command.includes(socket));
  } catch {
    return false;
  }
}

/** Where there is no /proc, the number has to do. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
