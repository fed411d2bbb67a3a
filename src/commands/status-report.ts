import type { App } from '../api/app.ts';
import type { AppStatus, ReleaseStatus } from '../api/app-status.ts';
import type { Condition } from '../api/conditions.ts';
import type { ListedMachine } from './machine-list.ts';

/** An Event of core/v1, as far as it is shown. */
export interface SeenEvent {
  readonly metadata: { readonly creationTimestamp?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
  readonly eventTime?: string | null;
  readonly lastTimestamp?: string | null;
}

/** What `status` says of an App; `--output json` prints it as it is, so fields are only ever added. */
export interface StatusReport {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly ready: Pick<Condition, 'status' | 'reason' | 'message'>;
  /** Whether the operator has seen the last change of the spec. */
  readonly observed: boolean;
  readonly release: ReleaseStatus | null;
  readonly urls: readonly string[];
  readonly processes: NonNullable<AppStatus['processes']>;
  readonly machines: readonly ListedMachine[];
  /** All that is not as it should be, the first one first to be looked at. */
  readonly problems: readonly Problem[];
  readonly events: readonly ReportedEvent[];
}

export interface Problem {
  readonly condition: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
  /** What to do next: a command. */
  readonly next?: string;
}

interface ReportedEvent {
  readonly time: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

const mostEvents = 5;

/** Everything about an App that one screen has room for. */
export function statusReport(
  { metadata, spec, status }: App,
  { machines, events }: { readonly machines: readonly ListedMachine[]; readonly events: readonly SeenEvent[] },
): StatusReport {
  const { name, namespace, generation } = metadata;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  const unseen = { status: 'Unknown', reason: 'NotSeen', message: 'no operator has looked at it yet' } as const;
  return {
    name,
    namespace,
    image: status.release?.image ?? spec.image,
    ready: ready ? { status: ready.status, reason: ready.reason, message: ready.message } : unseen,
    observed: status.observedGeneration === generation,
    release: status.release ?? null,
    urls: status.urls ?? [],
    processes: status.processes ?? [],
    machines,
    problems: problemsOf(metadata, status),
    events: lastEvents(events),
  };
}

/** The same sentence is in `Ready` and in `Stalled` or `Reconciling`: it is told once. */
function problemsOf({ name, generation }: App['metadata'], status: AppStatus): Problem[] {
  const bad = (status.conditions ?? []).filter(({ type, status }) => (status === 'True') === (type !== 'Ready'));
  const told = bad.filter(({ message }, index) => bad.findIndex((other) => other.message === message) === index);
  const found = told.map(({ type, reason, message, lastTransitionTime }): Problem => {
    const next = nextCommand(name, type, reason);
    return { condition: type, reason, message, since: lastTransitionTime, ...(next && { next }) };
  });
  return status.observedGeneration === generation ? found : [...found, unseenChange(status)];
}

function unseenChange({ observedGeneration }: AppStatus): Problem {
  const message = observedGeneration < 0 ? 'no operator has looked at it yet' : 'the last change has not been seen yet';
  return { condition: 'Ready', reason: 'NotSeen', message, since: '', next: 'airfield doctor' };
}

/** What people would look at next, by what is wrong. */
function nextCommand(app: string, type: string, reason: string): string | undefined {
  if (reason === 'ReleaseFailed') return `airfield releases -a ${app}`;
  if (/Image|InvalidImageName/.test(reason)) return `airfield releases -a ${app}`;
  if (/Crash|Exited|CheckFailing|MachineFailed|RunContainerError/.test(reason)) return `airfield logs -a ${app}`;
  if (/Secret/.test(reason)) return 'kubectl get afsec';
  if (/Unschedulable|RegionUnavailable/.test(reason)) return 'kubectl get nodes -L topology.kubernetes.io/region';
  if (type === 'VolumesImpaired' || /Volume/.test(reason)) return `kubectl get pvc -l airfield.dev/app=${app}`;
  return undefined;
}

function lastEvents(events: readonly SeenEvent[]): ReportedEvent[] {
  const read = events.map(({ metadata, type, reason, message, count, series, eventTime, lastTimestamp }) => ({
    time: series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '',
    type: type ?? 'Normal',
    reason: reason ?? '',
    message: message ?? '',
    count: series?.count ?? count ?? 1,
  }));
  return read.sort((a, b) => (a.time < b.time ? 1 : -1)).slice(0, mostEvents);
}
