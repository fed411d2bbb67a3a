import type { ObservedPod } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import { label, suspendedAnnotation } from '../api/meta.ts';
import { isReady } from '../desired/ready.ts';
import { firstTrouble, machineTrouble, whyNotReady } from '../release/machine-trouble.ts';

/** A machine of an App, as verbs show and choose it. Absent is what is not known. */
export interface ListedMachine {
  readonly name: string;
  /** Name of its pod; a Machine that is stopped has none. */
  readonly pod?: string;
  /** `pod`: one of the App's own; `Machine`: an object of its own, which keeps its name. */
  readonly kind: 'pod' | 'Machine';
  readonly process: string;
  readonly region?: string;
  /** In Fly's words: `started`, `stopped`, … */
  readonly state: string;
  readonly ready: boolean;
  readonly checks: { readonly passing: number; readonly total: number };
  readonly restarts: number;
  readonly release?: number;
  readonly image?: string;
  readonly node?: string;
  readonly createdAt?: string;
  /** What is wrong with it, in a sentence. */
  readonly trouble?: string;
}

type StoredMachine = Pick<Machine, 'status'> & {
  readonly metadata: { readonly name: string; readonly creationTimestamp?: string };
  readonly spec: { readonly image?: string | undefined; readonly metadata?: Record<string, string> };
};

/** Selects the machines of an App among the pods of its namespace: not its commands, checks and scheduled runs. */
export function machineSelector(app: string): string {
  return `${label.app}=${app},${label.process},!${label.role},!${label.schedule}`;
}

/** All machines of an App, by group, region and age. */
export function listMachines(pods: readonly ObservedPod[], machines: readonly StoredMachine[] = []): ListedMachine[] {
  const machineOf = ({ metadata }: ObservedPod) => metadata.labels?.[label.machine];
  const own = pods.filter((pod) => machineOf(pod) === undefined).map(ofPod);
  const objects = machines.map((machine) =>
    ofMachine(machine, pods.filter((pod) => machineOf(pod) === machine.metadata.name).at(-1)),
  );
  const order = ({ process, region = '', createdAt = '', name }: ListedMachine) =>
    [process, region, createdAt, name].join('\0');
  return [...own, ...objects].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function ofPod(pod: ObservedPod): ListedMachine {
  const { metadata, spec } = pod;
  const labels = metadata.labels ?? {};
  const process = labels[label.process] ?? '';
  const release = Number(labels[label.release]);
  const image = spec?.containers.find(({ name }) => name === process)?.image;
  const createdAt = metadata.creationTimestamp;
  return {
    ...seenOf(pod),
    name: metadata.name,
    kind: 'pod',
    process,
    ...(labels[label.region] && { region: labels[label.region] }),
    state: stateOf(pod),
    ...(release > 0 && { release }),
    ...(image && { image }),
    ...(createdAt && { createdAt }),
  } as ListedMachine;
}

function ofMachine({ metadata, spec, status }: StoredMachine, pod: ObservedPod | undefined): ListedMachine {
  const { state = 'created', region, restarts = 0, release, checks = [], node } = status ?? {};
  const seen = pod ? seenOf(pod) : { ready: false, checks: { passing: 0, total: 0 } };
  const told = { passing: checks.filter((check) => check.status === 'passing').length, total: checks.length };
  const image = spec.image ?? status?.image;
  return {
    ...seen,
    name: metadata.name,
    kind: 'Machine',
    process: spec.metadata?.fly_process_group ?? pod?.metadata.labels?.[label.process] ?? 'app',
    ...(region && { region }),
    state,
    checks: checks.length > 0 ? told : seen.checks,
    restarts,
    ...(release !== undefined && { release }),
    ...(image && { image }),
    ...(node && { node }),
    ...(metadata.creationTimestamp && { createdAt: metadata.creationTimestamp }),
  };
}

/** What a pod tells of the machine in it. */
function seenOf(pod: ObservedPod) {
  const trouble = (firstTrouble([pod], machineTrouble) ?? firstTrouble([pod], whyNotReady))?.message;
  const statuses = pod.status?.containerStatuses ?? [];
  const checked = (pod.spec?.containers ?? []).filter(({ readinessProbe }) => readinessProbe).map(({ name }) => name);
  const passing = statuses.filter(({ name, ready }) => ready && checked.includes(name)).length;
  return {
    pod: pod.metadata.name,
    ready: isReady(pod),
    checks: { passing, total: checked.length },
    restarts: Math.max(0, ...statuses.map(({ restartCount }) => restartCount)),
    ...(pod.spec?.nodeName && { node: pod.spec.nodeName }),
    ...(trouble && { trouble }),
  };
}

function stateOf({ metadata, status }: ObservedPod): string {
  if (metadata.deletionTimestamp) return 'stopping';
  if (metadata.annotations?.[suspendedAnnotation]) return 'suspended';
  if (status?.phase === 'Succeeded') return 'stopped';
  if (status?.phase === 'Failed') return 'failed';
  return status?.phase === 'Running' ? 'started' : 'starting';
}
