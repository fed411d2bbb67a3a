import type { ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Informer } from '../kube/informer.ts';
import type { Key, KubeObject } from '../kube/types.ts';

type Pod = ObservedPod & KubeObject;

/** More of one Machine are not gone at once. */
const most = 8;

/**
 * The last that was seen of pods of Machines that are gone. A pod that is stopped goes away in the moment in which it says
 * how its program has ended, so that the cache alone would nearly always be too late to tell.
 */
export class GonePods {
  readonly #pods = new Map<Key, Pod[]>();

  constructor(pods: Pick<Informer<Pod>, 'onChange'>) {
    pods.onChange((_, current, previous) => {
      const machine = previous?.metadata.labels?.[label.machine];
      if (current || !previous || !machine) return;
      const key = `${previous.metadata.namespace}/${machine}`;
      this.#pods.set(key, [...this.of(key), previous].slice(-most));
    });
  }

  of(machine: Key): readonly Pod[] {
    return this.#pods.get(machine) ?? [];
  }

  /** All that they have to say has been told. */
  forget(machine: Key): void {
    this.#pods.delete(machine);
  }
}
