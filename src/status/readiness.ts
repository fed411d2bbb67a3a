import type { ConditionClaim } from '../api/conditions.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Release, ReleasePhase } from '../api/release.ts';
import { firstTrouble, whyNotReady } from '../release/machine-trouble.ts';
import type { ReleasePlan } from '../release/plan.ts';
import { isOverdue } from '../release/starting.ts';
import { type Failure, onTheWay, stalled } from './claims.ts';
import { goodEnd, starting } from './good-end.ts';
import type { Machines } from './machines.ts';

export interface ReadinessOf {
  readonly plan: ReleasePlan;
  readonly machines: Machines;
  readonly pods: readonly ObservedPod[];
  readonly misplaced: string | undefined;
  /** Why no new release can be made. */
  readonly held: Failure | undefined;
  /** Time that a machine has to become ready. */
  readonly waitTimeout: string;
  readonly now: Date;
}

const doing: Partial<Record<ReleasePhase, string>> = {
  command: 'its release command runs',
  canary: 'its first machines are tried',
  rollout: 'its machines take over',
};

/** `Ready`, and beside it what kstatus reads while that is not yet, or will not become, true. */
export function readiness({ plan, machines, pods, misplaced, held, waitTimeout, now }: ReadinessOf): ConditionClaim[] {
  if (held) {
    const meanwhile = `until then nothing new is released and ${name(plan.serving ?? plan.current)} goes on`;
    return onTheWay('False', held.reason, `${held.message}; ${meanwhile}; ${count(machines)}`);
  }
  const { phase } = plan.current.journal;
  if (phase === 'failed') return stalled('ReleaseFailed', `${failureOf(plan)}; ${count(machines)}`);
  const mine = pods.filter((pod) => isAbout(pod, plan.current));
  const trouble = firstTrouble(mine);
  if (misplaced) return onTheWay('False', 'RegionUnavailable', `${misplaced}; ${count(machines)}`);
  if (phase !== 'complete') {
    const about = `${name(plan.current)}: ${doing[phase] ?? phase}; ${count(machines)}`;
    return onTheWay(
      trouble ? 'False' : 'Unknown',
      trouble?.reason ?? 'Releasing',
      trouble ? `${about}; ${trouble.message}` : about,
    );
  }
  if (machines.done) return [{ type: 'Ready', status: 'True', ...goodEnd(machines) }];
  // Starting and stopping for work is what the App asks for, and no news to whoever waits for it to be Ready.
  if (machines.steady && !trouble && !isOverdue({ pods: mine, waitTimeout, now }))
    return [{ type: 'Ready', status: 'True', ...starting(machines) }];
  if (machines.failed > 0) {
    const told = `${machines.failed} failed and will not be started again; ${count(machines)}`;
    return stalled('MachineFailed', trouble ? `${told}; ${trouble.message}` : told);
  }
  const why = trouble ?? firstTrouble(mine, whyNotReady);
  return onTheWay(
    trouble ? 'False' : 'Unknown',
    trouble?.reason ?? 'Progressing',
    why ? `${count(machines)}; ${why.message}` : count(machines),
  );
}

/** While a release is on its way its own machines and its command matter; afterwards the machines of all. */
function isAbout({ metadata }: ObservedPod, { version, journal }: Release): boolean {
  const labels = metadata.labels ?? {};
  if (journal.phase === 'complete') return labels[label.role] === undefined;
  return labels[label.release] === `${version}`;
}

function failureOf({ current, serving }: ReleasePlan): string {
  const { reason, message } = current.journal;
  const instead = serving ? `release ${serving.version} serves` : 'there is no release before it to serve';
  return `${name(current)} failed: ${message ?? reason}; ${instead}`;
}

const count = ({ ready, desired }: Machines) => `${ready} of ${desired} machines ready`;
const name = ({ version, rollbackOf }: Release) =>
  rollbackOf === undefined ? `release ${version}` : `release ${version} (again ${rollbackOf})`;
