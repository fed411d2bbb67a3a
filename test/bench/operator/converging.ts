import type { AppStatus } from '../../../src/api/app-status.ts';
import { apps } from '../../../src/controller/resources.ts';
import { Informer } from '../../../src/kube/informer.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { until } from '../../cluster/exec.ts';
import { profileFolder } from '../measure/options.ts';
import type { BenchCluster } from './cluster.ts';
import { OperatorProcess } from './operator-process.ts';
import { countsOf, type Template } from './template.ts';

export interface Converged {
  readonly ms: number;
  /** Of the operator, and of the API server with etcd. */
  readonly cpuSeconds: number;
  readonly serverSeconds: number;
  readonly peakMb: number;
  /** Counted by the API server, but for those that made the Apps. */
  readonly writes: number;
  readonly writesBy: ReadonlyMap<string, number>;
  /** How often it has looked at an App. */
  readonly looks: number;
  /** What the operator has sent beyond that. */
  readonly reads: number;
}

/** Makes Apps while an operator runs that has nothing else to do. */
export async function converge(cluster: BenchCluster, count: number, template: Template): Promise<Converged> {
  const operator = await OperatorProcess.start(cluster.kubeconfig, { profile: profileFolder() });
  try {
    await operator.leads();
    return await convergeWith(operator, cluster, count, template);
  } finally {
    await operator.stop();
  }
}

/** The same with one that runs already. */
export async function convergeWith(
  operator: OperatorProcess,
  cluster: BenchCluster,
  count: number,
  template: Template,
): Promise<Converged> {
  const [requests, looks, before] = [await operator.requests(), await operator.looks(), await cluster.writes()];
  const [cpuSeconds, serverSeconds] = [operator.cpuSeconds, cluster.cpuSeconds];
  const told = new StatusCount(cluster);
  await told.start();
  const began = performance.now();
  await cluster.makeApps(count);
  await told.reaches(count);
  await until('all children', () => areThere(cluster, count, template), 1_800_000, 50);
  const ms = performance.now() - began;
  await operator.hasLookedAt(count);
  const used = {
    cpuSeconds: operator.cpuSeconds - cpuSeconds,
    serverSeconds: cluster.cpuSeconds - serverSeconds,
  };
  await told.stop();
  const writesBy = difference(before, await cluster.writes());
  const writes = [...writesBy.values()].reduce((sum, one) => sum + one, 0);
  return {
    ms,
    ...used,
    peakMb: operator.memory.peak,
    writes,
    writesBy,
    looks: (await operator.looks()) - looks,
    reads: (await operator.requests()) - requests - writes,
  };
}

async function areThere(cluster: BenchCluster, count: number, template: Template): Promise<boolean> {
  for (const [resource, each] of countsOf(template)) {
    if ((await cluster.countOf(resource)) < each * count) return false;
  }
  return true;
}

function difference(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Map<string, number> {
  const grown = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return new Map(grown.filter(([name, count]) => count > 0 && name !== 'POST apps'));
}

/** Counts Apps whose status is of what they ask for. */
class StatusCount {
  readonly #informer: Informer<KubeObject & { status?: Partial<AppStatus> }>;
  readonly #told = new Set<string>();
  #wanted = Number.POSITIVE_INFINITY;
  #reached = Promise.withResolvers<void>();

  constructor({ client }: BenchCluster) {
    this.#informer = new Informer({ client, resource: apps, freeze: false });
    this.#informer.onChange((key, current) => {
      if (current?.status?.observedGeneration === current?.metadata.generation) this.#told.add(key);
      if (this.#told.size >= this.#wanted) this.#reached.resolve();
    });
  }

  start(): Promise<void> {
    this.#informer.start();
    return this.#informer.synced;
  }

  reaches(count: number): Promise<void> {
    this.#wanted = count;
    if (this.#told.size >= count) this.#reached.resolve();
    return this.#reached.promise;
  }

  stop(): Promise<void> {
    return this.#informer.stop();
  }
}
