import { join } from 'node:path';
import type { Client } from '../../../src/kube/client.ts';
import { deployments, jobs, statefulSets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { ensureBinaries } from '../../cluster/binaries.ts';
import { type Daemon, startDaemon, stopDaemon } from '../../cluster/daemon.ts';

type Workload = KubeObject & { spec: { replicas: number }; status?: { observedGeneration?: number } };
type Job = KubeObject & { spec: { suspend?: boolean }; status?: { conditions?: object[] } };

/**
 * The parts of Kubernetes that Airfield rests on where no pods run: its own garbage collector and namespace controller, and
 * in the place of the others somebody who says at once that machines are ready and that programs have ended well.
 */
export class Controllers {
  readonly #client: Client;
  readonly #manager: Daemon;
  #isEnding = false;
  #looking: Promise<void>;

  private constructor(client: Client, manager: Daemon) {
    this.#client = client;
    this.#manager = manager;
    this.#looking = this.#look();
  }

  static async start(client: Client, kubeconfig: string): Promise<Controllers> {
    const { 'kube-controller-manager': program } = await ensureBinaries(['kube-controller-manager']);
    const controllers = '--controllers=garbage-collector-controller,namespace-controller';
    const argv = [program, `--kubeconfig=${kubeconfig}`, controllers, '--leader-elect=false', '--secure-port=0'];
    return new Controllers(
      client,
      await startDaemon('kube-controller-manager', argv, join(kubeconfig, '..', 'logs', 'kcm.log')),
    );
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#looking;
    await stopDaemon(this.#manager);
  }

  async #look(): Promise<void> {
    while (!this.#isEnding) {
      // While the API server is away nobody can say anything.
      await this.#tell().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #tell(): Promise<void> {
    for (const kind of [deployments, statefulSets]) {
      const { items } = await this.#client.list<Workload>(kind);
      for (const { metadata, spec, status } of items) {
        if (status?.observedGeneration === metadata.generation) continue;
        const { replicas } = spec;
        const all = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
        const told = { status: { observedGeneration: metadata.generation, ...all } };
        await this.#client.mergePatch(kind, metadata, told, { subresource: 'status' });
      }
    }
    const { items } = await this.#client.list<Job>(jobs);
    for (const { metadata, spec, status } of items) {
      if (status?.conditions?.length || spec.suspend || metadata.deletionTimestamp) continue;
      const now = new Date().toISOString();
      const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: now,
      }));
      const ended = {
        startTime: now,
        completionTime: now,
        succeeded: 1,
        ready: 0,
        uncountedTerminatedPods: {},
        conditions,
      };
      await this.#client.mergePatch(jobs, metadata, { status: ended }, { subresource: 'status' });
    }
  }
}
