import { send } from './runtime-socket.ts';

/** What runs below the master of HAProxy. */
export interface Processes {
  /** Process ids of those that only end what is under way in them. */
  readonly ending: readonly number[];
  /** How often a reload has failed since the last one that did not. */
  readonly failedReloads: number;
}

export async function processesOf(master: string): Promise<Processes> {
  return parseProcesses(await send(master, ['show proc']));
}

/** The answer to `show proc`. */
export function parseProcesses(answer: string): Processes {
  const [, old = ''] = answer.split('# old workers');
  const ending = [...old.matchAll(/^(\d+)\s+worker\b/gm)].map(([, pid]) => Number(pid));
  return { ending, failedReloads: Number(/\[failed: (\d+)\]/.exec(answer)?.[1] ?? 0) };
}
