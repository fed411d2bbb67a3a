import type { ObservedPod } from '../api/kubernetes.ts';

export interface Trouble {
  /** One word, as Kubernetes says it: `ImagePullBackOff`. */
  readonly reason: string;
  /** A sentence that names the machine. */
  readonly message: string;
}

/** What Kubernetes says while a machine is on its way and nothing is wrong. */
const ordinary = new Set(['ContainerCreating', 'PodInitializing', 'Completed']);

/** Why a machine does not run, as far as its pod tells; undefined while it is merely starting. */
export function machineTrouble(pod: ObservedPod): Trouble | undefined {
  return unschedulable(pod) ?? notRunning(pod);
}

/** The trouble of the youngest pod that has one: after an edit, it is the new machines that matter. */
export function firstTrouble(pods: readonly ObservedPod[]): Trouble | undefined {
  const youngestFirst = [...pods].sort((a, b) => (created(a) < created(b) ? 1 : -1));
  for (const pod of youngestFirst) {
    const trouble = pod.metadata.deletionTimestamp ? undefined : machineTrouble(pod);
    if (trouble) return trouble;
  }
  return undefined;
}

function notRunning(pod: ObservedPod): Trouble | undefined {
  for (const { state, lastState } of pod.status?.containerStatuses ?? []) {
    const { reason, message } = state?.waiting ?? {};
    if (!reason || ordinary.has(reason)) continue;
    const exit = lastState?.terminated;
    const detail = exit ? `its program ended with exit code ${exit.exitCode}` : message;
    return { reason, message: sentence(pod, reason, detail) };
  }
  return undefined;
}

function unschedulable(pod: ObservedPod): Trouble | undefined {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return { reason: 'Unschedulable', message: sentence(pod, 'no node can take it', scheduled.message) };
}

function sentence(pod: ObservedPod, what: string, detail: string | undefined): string {
  return `machine ${pod.metadata.name}: ${what}${detail ? ` (${detail})` : ''}`;
}

function created(pod: ObservedPod): string {
  return `${pod.metadata.creationTimestamp ?? ''}`;
}
