import { type Condition, type ConditionClaim, transition } from '../api/conditions.ts';
import type { Meta } from '../api/read.ts';

/** Why an object is not, or not yet, what its spec asks for. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
}

/** It is as it should be. */
export function ready(reason: string, message: string): ConditionClaim[] {
  return [{ type: 'Ready', status: 'True', reason, message }];
}

/** Nothing will change until somebody changes something; `Stalled` is what kstatus reads. */
export function stalled(reason: string, message: string): ConditionClaim[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
  ];
}

/** It is being worked on, or waited for. */
export function onTheWay(status: 'False' | 'Unknown', reason: string, message: string): ConditionClaim[] {
  return [
    { type: 'Ready', status, reason, message },
    { type: 'Reconciling', status: 'True', reason, message },
  ];
}

interface Conditioned {
  readonly observedGeneration: number;
  readonly conditions?: Condition[] | undefined;
}

/** The status of an object that cannot be acted on; what is known of its children stays as it was. */
export function withClaims<Status extends Conditioned>(
  { metadata, status }: { readonly metadata: Meta; readonly status: Status },
  claims: readonly ConditionClaim[],
  now: Date,
): Status {
  const { generation } = metadata;
  const conditions = transition(status.conditions ?? [], claims, { generation, now });
  return { ...status, observedGeneration: generation, conditions };
}
