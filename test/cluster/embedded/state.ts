import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Daemon } from '../daemon.ts';
import { clusterDir } from '../paths.ts';

/** What is remembered of a cluster between runs of the tool. Machines are found without it. */
export interface State {
  readonly nodes: number;
  readonly apiOnly: boolean;
  readonly csi: boolean;
  /** Port of the API on this host's loopback. */
  readonly port: number;
  readonly ready: boolean;
  readonly daemons: readonly Daemon[];
}

const stateFile = (name: string): string => join(clusterDir(name), 'state.json');

export const readState = (name: string): Promise<State | undefined> =>
  readFile(stateFile(name), 'utf8').then(
    (text) => JSON.parse(text) as State,
    () => undefined,
  );

export async function writeState(name: string, state: State): Promise<void> {
  await mkdir(clusterDir(name), { recursive: true, mode: 0o700 });
  const partial = `${stateFile(name)}.partial`;
  await writeFile(partial, JSON.stringify(state, null, 2));
  await rename(partial, stateFile(name));
}

/** The end of a daemon's log. */
export function logTail(daemon: Daemon, lines = 15): string {
  try {
    return readFileSync(daemon.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}
