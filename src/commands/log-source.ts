import type { ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';

/** A container whose log is shown. */
export interface LogSource {
  readonly pod: string;
  /** Tells two pods of one name apart: those of a StatefulSet. */
  readonly uid: string;
  readonly container: string;
  /** As people know it: the name of the pod, or of the Machine that it is of. */
  readonly machine: string;
  readonly process: string;
  readonly region: string;
  /** Whether it is the program itself, and not something beside it. */
  readonly isMain: boolean;
}

export interface Chosen {
  readonly process?: string | undefined;
  readonly machine?: readonly string[] | undefined;
  readonly container?: string | undefined;
  readonly allContainers?: boolean | undefined;
}

/** The containers of machines that are asked for; those that have not begun are left out. */
export function logSources(pods: readonly ObservedPod[], chosen: Chosen): LogSource[] {
  return pods.flatMap((pod) => {
    const { metadata, status } = pod;
    const labels = metadata.labels ?? {};
    const process = labels[label.process] ?? '';
    const machine = labels[label.machine] ?? metadata.name;
    if (chosen.process !== undefined && process !== chosen.process) return [];
    const names = chosen.machine ?? [];
    if (names.length > 0 && !names.includes(machine) && !names.includes(metadata.name)) return [];
    const begun = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
      .filter(({ state, lastState }) => !state?.waiting || lastState?.terminated)
      .map(({ name }) => name);
    return begun.filter(isWanted(process, chosen)).map((container) => ({
      pod: metadata.name,
      uid: `${metadata.uid}`,
      container,
      machine,
      process,
      region: labels[label.region] ?? '',
      isMain: container === process,
    }));
  });
}

/** The program of a machine is in a container that has the name of its group. */
const isWanted =
  (process: string, { container, allContainers }: Chosen) =>
  (name: string): boolean =>
    allContainers || name === (container ?? process);
