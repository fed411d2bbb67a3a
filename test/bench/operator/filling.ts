import { manager } from '../../../src/api/meta.ts';
import { until } from '../../cluster/exec.ts';
import type { BenchCluster } from './cluster.ts';
import { convergeFloor } from './floor.ts';
import { OperatorProcess } from './operator-process.ts';
import { learnTemplate } from './template.ts';

/**
 * Apps that have been there for long: all children as the operator makes them, all releases complete. The operator makes one, a
 * client that is faster all others like it, in its name, and the operator then what is still missing.
 */
export async function fill(cluster: BenchCluster, apps: number): Promise<void> {
  const template = await learnTemplate(cluster, { ready: true });
  await convergeFloor(cluster, template, { way: 'apply', apps, connections: 16, fieldManager: manager });
  await cluster.readyAll(apps);
  const operator = await OperatorProcess.start(cluster.kubeconfig);
  await operator.hasLookedAt(apps, 1000);
  await calm(cluster);
  await operator.stop();
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
