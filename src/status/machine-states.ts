import type { MachineState } from '../api/machine-status.ts';

/**
 * From which state a Machine goes to which, after https://fly.io/docs/machines/machine-states/. States of Fly that are not
 * among ours are a part of others: `creating` of `created`; `restarting` of `starting`, after `stopping` where somebody
 * asked for it; `suspending` of `stopping`; `updating` of `replacing`; `launch_failed` of `failed`, which "may be
 * recoverable".
 */
export const machineEdges: Readonly<Record<MachineState, readonly MachineState[]>> = {
  created: ['starting', 'stopped', 'destroying'],
  starting: ['started', 'stopping', 'replacing', 'failed', 'destroying'],
  started: ['starting', 'stopping', 'stopped', 'replacing', 'destroying'],
  stopping: ['stopped', 'suspended', 'starting', 'destroying'],
  stopped: ['starting', 'replacing', 'destroying'],
  suspended: ['starting', 'stopped', 'replacing', 'destroying'],
  replacing: ['starting', 'stopped', 'destroying'],
  failed: ['starting', 'stopping', 'replacing', 'destroying'],
  destroying: ['destroyed'],
  destroyed: [],
};

/** States that a Machine may be led through on its way; into all others it only goes for their own sake. */
const onTheWay: ReadonlySet<MachineState> = new Set(['starting', 'started', 'destroying']);

/** Whether a Machine goes from one state to the other in one step. */
export function isEdge(from: MachineState, to: MachineState): boolean {
  return machineEdges[from].includes(to);
}

/** The next state on the shortest way; the same state where there is no way, or nowhere to go. */
export function nextState(from: MachineState, to: MachineState): MachineState {
  if (from === to) return from;
  const seen = new Set<MachineState>([from]);
  let paths: MachineState[][] = machineEdges[from].map((state) => [state]);
  while (paths.length > 0) {
    const found = paths.find((path) => path.at(-1) === to);
    if (found) return found[0] ?? from;
    paths = paths.flatMap((path) => {
      const last = path.at(-1) ?? from;
      if (seen.has(last) || !onTheWay.has(last)) return [];
      seen.add(last);
      return machineEdges[last].map((state) => [...path, state]);
    });
  }
  return from;
}
