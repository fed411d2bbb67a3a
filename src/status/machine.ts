import { type ConditionClaim, transition } from '../api/conditions.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import type { MachineStatus } from '../api/machine-status.ts';
import type { VolumeProblem } from '../api/volume.ts';
import { inState, withEvent } from './machine-events.ts';
import { currentPod } from './machine-progress.ts';
import { machineReadiness } from './machine-readiness.ts';
import { nextState } from './machine-states.ts';
import { unrealisedOfMachine } from './machine-unrealised.ts';
import { unrealisedClaim } from './unrealised.ts';
import { volumesClaim } from './volumes.ts';

/** What there is of a Machine beside its states. */
export interface MachineDetails {
  readonly pods: readonly ObservedPod[];
  readonly volumes: readonly VolumeProblem[];
  /** What its checks say. */
  readonly checks: NonNullable<MachineStatus['checks']>;
}

/** The status of a Machine whose state is up to date, with what there is to say of it. */
export function machineStatus(machine: Machine, { pods, volumes, checks }: MachineDetails, now: Date): MachineStatus {
  const { node: _, privateIP: __, checks: ___, ...kept } = machine.status;
  const pod = currentPod(machine, pods);
  const runs = machine.status.run?.ended === false;
  return {
    ...withConditions(machine, [...machineReadiness(machine, pods, now), ...volumesClaim(volumes)], now, kept),
    ...(runs && pod?.spec?.nodeName && { node: pod.spec.nodeName }),
    ...(checks.length > 0 && { checks: [...checks] }),
    ...(runs && pod?.status?.podIP && { privateIP: pod.status.podIP }),
  };
}

/** The status of a Machine that waits for something. */
export function waitingStatus(machine: Machine, claims: readonly ConditionClaim[], now: Date): MachineStatus {
  return withConditions(machine, claims, now, machine.status);
}

/** The status of a Machine that is being deleted. */
export function destroyingStatus({ status, metadata }: Pick<Machine, 'status' | 'metadata'>, now: Date): MachineStatus {
  const { state = 'created' } = status;
  const after = nextState(state, 'destroying');
  if (after === state) return status;
  const next = inState({ ...status, observedGeneration: metadata.generation }, after, now);
  return withEvent(next, { type: 'destroy', status: after, source: 'user' }, now);
}

function withConditions(
  machine: Machine,
  claims: readonly ConditionClaim[],
  now: Date,
  status: MachineStatus,
): MachineStatus {
  const { generation } = machine.metadata;
  const all = [...claims, ...unrealisedClaim(unrealisedOfMachine(machine))];
  return {
    ...status,
    observedGeneration: generation,
    conditions: transition(machine.status.conditions ?? [], all, { generation, now }),
  };
}
