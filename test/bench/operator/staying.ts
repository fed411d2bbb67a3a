import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCluster } from './cluster.ts';
import { calm } from './filling.ts';
import { OperatorProcess } from './operator-process.ts';
import { totalOf } from './starting.ts';
import { WatcherProcess } from './watcher-process.ts';

export interface State {
  readonly writes: number;
  readonly operator: { readonly cpu: number; readonly memory: number; readonly heap: number };
  readonly watcher: { readonly cpu: number; readonly memory: number };
}

/** How the operator is before and after so many seconds in which nothing changes, and whoever only watches. */
export async function stay(
  cluster: BenchCluster,
  apps: number,
  seconds: number,
): Promise<[before: State, after: State]> {
  const operator = await OperatorProcess.start(cluster.kubeconfig);
  const watcher = await WatcherProcess.start(cluster.kubeconfig);
  try {
    await operator.hasLookedAt(apps);
    await calm(cluster);
    const state = async () => ({
      writes: totalOf(await cluster.writes()),
      operator: { cpu: operator.cpuSeconds, memory: operator.memory.now, heap: await operator.heapMb() },
      watcher: { cpu: watcher.cpuSeconds, memory: watcher.memory.now },
    });
    const before = await state();
    await sleep(seconds * 1000);
    return [before, await state()];
  } finally {
    await watcher.stop();
    await operator.stop();
  }
}
