import { until } from '../../cluster/exec.ts';
import type { BenchCluster } from './cluster.ts';
import { OperatorProcess } from './operator-process.ts';

const batch = 1000;

/** Apps that have been there for long: all children made by the operator, all releases complete. */
export async function fill(cluster: BenchCluster, count: number): Promise<void> {
  const operator = await OperatorProcess.start(cluster.kubeconfig);
  try {
    await operator.leads();
    await cluster.makeApps(count);
    await operator.hasLookedAt(count, batch);
    await calm(cluster);
    await cluster.readyAll(count);
    await calm(cluster);
  } finally {
    await operator.stop();
  }
}

/** Resolves when nothing has been written for two seconds. */
export async function calm(cluster: BenchCluster): Promise<void> {
  let before = -1;
  const isSame = async () => {
    const now = [...(await cluster.writes()).values()].reduce((sum, one) => sum + one, 0);
    const isCalm = now === before;
    before = now;
    return isCalm;
  };
  await until('nobody to write any more', isSame, 3_600_000, 2000);
}
