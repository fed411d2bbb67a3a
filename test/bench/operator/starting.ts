import { profileFolder } from '../measure/options.ts';
import type { BenchCluster } from './cluster.ts';
import { OperatorProcess } from './operator-process.ts';
import { WatcherProcess } from './watcher-process.ts';

export interface Started {
  /** Until it saw everything, and until it had looked at every App, in milliseconds. */
  readonly seesMs: number;
  readonly allMs: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly nowMb: number;
  /** Of everybody, counted by the API server. */
  readonly writes: number;
}

/** Starts the operator where nothing is to be done. */
export async function start(cluster: BenchCluster, apps: number): Promise<Started> {
  const before = totalOf(await cluster.writes());
  const began = performance.now();
  const operator = await OperatorProcess.start(cluster.kubeconfig, { profile: profileFolder() });
  try {
    await operator.hasLookedAt(apps);
    const allMs = performance.now() - began;
    const { peak, now } = operator.memory;
    const writes = totalOf(await cluster.writes()) - before;
    return { seesMs: operator.seesAfterMs, allMs, cpuSeconds: operator.cpuSeconds, peakMb: peak, nowMb: now, writes };
  } finally {
    await operator.stop();
  }
}

export interface Listed {
  readonly ms: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/** Lists the same, with nothing around it. */
export async function list(cluster: BenchCluster): Promise<Listed> {
  const watcher = await WatcherProcess.start(cluster.kubeconfig);
  const listed = { ms: watcher.listedAfterMs, cpuSeconds: watcher.cpuSeconds, peakMb: watcher.memory.peak };
  await watcher.stop();
  return listed;
}

export const totalOf = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, one) => sum + one, 0);
