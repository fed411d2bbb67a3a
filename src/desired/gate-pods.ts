import type { ObservedPod } from '../api/kubernetes.ts';
import { isReady } from './ready.ts';

/** The containers of a gate's pod. */
const gateContainer = 'gate';
const haproxyContainer = 'haproxy';

/**
 * For how long a gate is waited for that was killed: its HAProxy goes on serving, what is held waits, and as a rule the
 * next one is there within two seconds. Leading all Apps elsewhere and back would cost more, and the limits would be counted
 * anew.
 */
const patienceMs = 10_000;

type Status = NonNullable<NonNullable<ObservedPod['status']>['containerStatuses']>[number];

/** Whether a pod of a gate takes traffic. */
export function takesTraffic(gate: ObservedPod, now: Date): boolean {
  const { metadata, status } = gate;
  if (metadata.deletionTimestamp || !status?.podIP) return false;
  return isReady(gate) || isComingBack(status.containerStatuses ?? [], now);
}

/** Whether it may have connections, though nobody is led to it any more: its HAProxy outlives it. */
export function mayHaveConnections({ metadata, status }: ObservedPod): boolean {
  return metadata.deletionTimestamp !== undefined || haproxyRuns(status?.containerStatuses ?? []);
}

/** Its HAProxy runs, and the gate beside it has just been killed. */
function isComingBack(containers: readonly Status[], now: Date): boolean {
  if (!haproxyRuns(containers)) return false;
  const { state, lastState } = containers.find(({ name }) => name === gateContainer) ?? {};
  const end = (state?.terminated ?? lastState?.terminated)?.finishedAt;
  return end !== undefined && now.getTime() - Date.parse(`${end}`) < patienceMs;
}

const haproxyRuns = (containers: readonly Status[]) =>
  containers.some(({ name, state }) => name === haproxyContainer && state?.running);
