import type { App } from '../api/app.ts';
import type { AppStatus } from '../api/app-status.ts';
import { type ConditionClaim, transition } from '../api/conditions.ts';
import type { ObservedDeployment, ObservedPod, ObservedService } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { firstTrouble, type Trouble } from './machine-trouble.ts';
import { type Rollout, rolloutOf } from './rollout.ts';
import { type Unrealised, unrealisedFields } from './unrealised.ts';
import { urlsOf } from './urls.ts';

/** The children of an App as the cluster has them. */
export interface AppChildrenObserved {
  /** The process groups in the order of the spec, with the number of machines that each should have. */
  readonly groups: readonly { readonly name: string; readonly count: number }[];
  readonly deployments: readonly ObservedDeployment[];
  readonly pods: readonly ObservedPod[];
  readonly service?: ObservedService | undefined;
  readonly clusterDomain: string;
}

/** Why the App is not, or not yet, what its spec asks for. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
}

/** The status of an App whose children have been applied. */
export function appStatus(app: App, observed: AppChildrenObserved, now: Date): AppStatus {
  const rollouts = new Map(
    observed.deployments.map((item) => [item.metadata.labels?.[label.process] ?? '', rolloutOf(item)]),
  );
  const groups = observed.groups.map(({ name, count }) => ({ name, ...(rollouts.get(name) ?? unseen(count)) }));
  const [desired, ready] = [sum(groups, 'desired'), sum(groups, 'ready')];
  return {
    observedGeneration: app.metadata.generation,
    conditions: conditions(app, readiness({ groups, desired, ready, trouble: firstTrouble(observed.pods) }), now),
    machines: `${ready}/${desired}`,
    processes: groups.map((group) => ({ name: group.name, desired: group.desired, ready: group.ready, stopped: 0 })),
    urls: urlsOf(observed.service, observed.clusterDomain),
  };
}

/** The status of an App that is not acted on until its spec changes; what is known of its machines stays as it was. */
export function stalledStatus(app: App, failure: Failure, now: Date): AppStatus {
  return withFailure(app, failure, 'Stalled', now);
}

/** The status of an App that cannot be acted on just now, though it is tried again. */
export function failingStatus(app: App, failure: Failure, now: Date): AppStatus {
  return withFailure(app, failure, 'Reconciling', now);
}

function withFailure(app: App, { reason, message }: Failure, beside: 'Stalled' | 'Reconciling', now: Date): AppStatus {
  const claims: ConditionClaim[] = [
    { type: 'Ready', status: 'False', reason, message },
    { type: beside, status: 'True', reason, message },
  ];
  return { ...app.status, observedGeneration: app.metadata.generation, conditions: conditions(app, claims, now) };
}

function conditions(app: App, claims: ConditionClaim[], now: Date): AppStatus['conditions'] {
  const all = [...claims, ...unrealisedClaim(unrealisedFields(app))];
  return transition(app.status.conditions ?? [], all, { generation: app.metadata.generation, now });
}

/** A workload of which the cluster has told nothing yet. */
const unseen = (count: number): Rollout => ({ desired: count, ready: 0, done: false });

/** `Ready`, and beside it what kstatus reads while that is not yet, or will not become, true. */
function readiness(machines: {
  groups: readonly Rollout[];
  desired: number;
  ready: number;
  trouble: Trouble | undefined;
}): ConditionClaim[] {
  const { groups, desired, ready, trouble } = machines;
  const failed = groups.find((rollout) => rollout.failed && !rollout.done)?.failed;
  const count = `${ready} of ${desired} machines ready`;
  if (failed) {
    const stall = { reason: trouble?.reason ?? 'RolloutFailed', message: `${count}; ${trouble?.message ?? failed}` };
    return [
      { type: 'Ready', status: 'False', ...stall },
      { type: 'Stalled', status: 'True', ...stall },
    ];
  }
  if (groups.every((rollout) => rollout.done)) {
    const idle = desired === 0;
    const message = idle ? 'no machine runs, as the spec asks' : `all ${desired} machines are ready`;
    return [{ type: 'Ready', status: 'True', reason: idle ? 'Idle' : 'Running', message }];
  }
  const progress = {
    reason: trouble?.reason ?? 'Progressing',
    message: trouble ? `${count}; ${trouble.message}` : count,
  };
  return [
    { type: 'Ready', status: trouble ? 'False' : 'Unknown', ...progress },
    { type: 'Reconciling', status: 'True', ...progress },
  ];
}

function unrealisedClaim(fields: Unrealised[]): ConditionClaim[] {
  if (fields.length === 0) return [];
  const message = `not supported yet: ${fields.map(({ field, instead }) => `${field} (${instead})`).join('; ')}`;
  return [{ type: 'Unrealised', status: 'True', reason: 'NotYetSupported', message }];
}

function sum(rollouts: readonly Rollout[], field: 'desired' | 'ready'): number {
  return rollouts.reduce((total, rollout) => total + rollout[field], 0);
}
