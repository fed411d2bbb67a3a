import type { App } from '../api/app.ts';
import type { AppStatus, ReleaseStatus } from '../api/app-status.ts';
import { type ConditionClaim, transition } from '../api/conditions.ts';
import type { ObservedPod, ObservedService, ObservedWorkload } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { VolumeProblem } from '../api/volume.ts';
import { defaultGroup } from '../desired/groups.ts';
import type { Settings } from '../desired/settings.ts';
import type { ReleasePlan } from '../release/plan.ts';
import { type CheckStatus, checkStatuses } from './checks.ts';
import { type Failure, onTheWay, stalled, withClaims } from './claims.ts';
import { domainsClaim, type Outside, unservedDomains } from './domains.ts';
import { machinesOf } from './machines.ts';
import { readiness } from './readiness.ts';
import { unnamedPlaces } from './unnamed.ts';
import { unrealisedClaim, unrealisedFields } from './unrealised.ts';
import { urlsOf } from './urls.ts';
import { volumesClaim } from './volumes.ts';

/** The children of an App as the cluster has them. */
export interface AppChildrenObserved {
  readonly plan: ReleasePlan;
  readonly workloads: readonly ObservedWorkload[];
  readonly pods: readonly ObservedPod[];
  /** What the machines answered to the checks of the App; undefined where the operator cannot ask them. */
  readonly checks: readonly CheckStatus[] | undefined;
  readonly service: ObservedService | undefined;
  readonly settings: Pick<Settings, 'clusterDomain' | 'dnsRewrite' | 'gates' | 'edge' | 'canResize'>;
  readonly volumes: readonly VolumeProblem[];
  /** How it is reached from outside; absent: it is not. */
  readonly outside?: Outside;
  /** Why some machines have nowhere to run. */
  readonly misplaced: string | undefined;
  /** Why no new release can be made. */
  readonly held: Failure | undefined;
}

type Serving = Pick<Settings, 'dnsRewrite' | 'gates' | 'edge' | 'canResize'>;

const nowhere: Outside = { hosts: [], problems: [], publicService: undefined };

/** The status of an App whose children have been applied. */
export function appStatus(app: App, observed: AppChildrenObserved, now: Date): AppStatus {
  const { plan, service, settings, outside = nowhere } = observed;
  const unserved = unservedDomains(app, outside.hosts, service, settings.edge);
  const machines = machinesOf(plan, observed.workloads, observed.pods);
  const checks = checkStatuses(app, observed.checks);
  const usual = machines.groups.find(({ name }) => name === defaultGroup(plan.current.spec));
  return {
    observedGeneration: app.metadata.generation,
    conditions: conditions(
      app,
      [
        ...readiness({ ...observed, machines, ...app.spec.deploy, now }),
        ...volumesClaim(observed.volumes),
        ...domainsClaim([...outside.problems, ...unserved]),
      ],
      settings,
      now,
    ),
    release: releaseStatus(plan),
    machines: `${machines.ready}/${machines.desired}`,
    processes: machines.groups,
    ...(checks && { checks }),
    replicas: usual?.desired ?? 0,
    selector: selectorOf(app.metadata.name, usual?.name ?? ''),
    urls: urlsOf(app, service, outside, settings),
  };
}

/** The status of an App that is not acted on until its spec changes. */
export function stalledStatus(app: App, { reason, message }: Failure, settings: Serving, now: Date): AppStatus {
  return withClaims(app, [...stalled(reason, message), ...unrealised(app, settings)], now);
}

/** The status of an App that cannot be acted on just now, though it is tried again. */
export function failingStatus(app: App, { reason, message }: Failure, settings: Serving, now: Date): AppStatus {
  return withClaims(app, [...onTheWay('False', reason, message), ...unrealised(app, settings)], now);
}

/** The machines of a group, for autoscalers: those of Machines of the App are not among the ones that they scale. */
function selectorOf(app: string, group: string): string {
  return `${label.app}=${app},${label.process}=${group},!${label.machine}`;
}

function unrealised(app: App, { gates, ...settings }: Serving): ConditionClaim[] {
  return unrealisedClaim([...unrealisedFields(app, gates !== undefined, settings), ...unnamedPlaces(app, settings)]);
}

function conditions(app: App, claims: ConditionClaim[], settings: Serving, now: Date): AppStatus['conditions'] {
  const all = [...claims, ...unrealised(app, settings)];
  return transition(app.status.conditions ?? [], all, { generation: app.metadata.generation, now });
}

function releaseStatus({ current, serving }: ReleasePlan): ReleaseStatus {
  const { phase, since, reason, message } = current.journal;
  const isOver = phase === 'complete' || phase === 'failed';
  return {
    version: current.version,
    image: current.spec.image,
    phase,
    startedAt: current.startedAt,
    ...(isOver && { finishedAt: since }),
    ...(reason && { reason, message }),
    ...(serving && { serving: serving.version }),
  };
}
