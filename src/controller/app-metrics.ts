import type { AppStatus } from '../api/app-status.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import { machineStates } from '../api/machine-status.ts';
import { label, suspendedAnnotation } from '../api/meta.ts';
import type { Family } from '../exposition.ts';
import type { Key } from '../kube/types.ts';
import { machineTrouble } from '../release/machine-trouble.ts';
import type { StoredObject } from './caches.ts';
import { seconds, type Told } from './told-metrics.ts';

type AppTold = Told<AppStatus>;
type Group = NonNullable<AppStatus['processes']>[number];

/** What Apps are doing, as their status tells. `podsOf`: the machines of an App. */
export function appMetrics(apps: readonly StoredObject[], podsOf: (app: Key) => readonly ObservedPod[]): Family[] {
  const all = apps.map(({ metadata, status = {} }) => ({
    labels: { namespace: metadata.namespace ?? '', app: metadata.name },
    status: status as Partial<AppStatus>,
  }));
  return [readiness(all), conditions(all), machines(all, podsOf), ...releases(all), checks(all)];
}

const readiness = (all: readonly AppTold[]): Family => ({
  name: 'airfield_app_ready',
  help: 'Whether the condition Ready of an App is True',
  type: 'gauge',
  samples: all.map(({ labels, status }) => [labels, conditionOf(status, 'Ready')?.status === 'True' ? 1 : 0]),
});

/** `Ready` has a metric of its own, which is there also while it is true. */
const conditions = (all: readonly AppTold[]): Family => ({
  name: 'airfield_app_condition',
  help: 'Conditions of an App that are True, but Ready, with their reasons',
  type: 'gauge',
  samples: all.flatMap(({ labels, status: { conditions = [] } }) =>
    conditions
      .filter(({ type, status }) => type !== 'Ready' && status === 'True')
      .map(({ type, reason }) => [{ ...labels, type, reason }, 1] as const),
  ),
});

const machines = (all: readonly AppTold[], podsOf: (app: Key) => readonly ObservedPod[]): Family => ({
  name: 'airfield_app_machines',
  help: 'Machines of a process group by what they are doing; of `ready` there may be 0',
  type: 'gauge',
  samples: all.flatMap(({ labels, status: { processes = [] } }) => {
    const pods = podsOf(`${labels.namespace}/${labels.app}`);
    return processes.flatMap((group) =>
      Object.entries(states(group, pods))
        .filter(([state, number]) => number > 0 || state === 'ready')
        .map(([state, number]) => [{ ...labels, process: group.name, state }, number] as const),
    );
  }),
});

/** Of those that should be ready and are not, the ones whose pods say that something is wrong have failed. */
function states({ name, desired, ready, stopped, suspended = 0 }: Group, pods: readonly ObservedPod[]) {
  const missing = Math.max(0, desired - ready);
  const failed = missing === 0 ? 0 : Math.min(missing, pods.filter((pod) => isFailing(pod, name)).length);
  return { ready, starting: missing - failed, failed, stopped: Math.max(0, stopped - suspended), suspended };
}

const isFailing = (pod: ObservedPod, group: string) =>
  pod.metadata.labels?.[label.process] === group &&
  !pod.metadata.deletionTimestamp &&
  pod.metadata.annotations?.[suspendedAnnotation] === undefined &&
  machineTrouble(pod) !== undefined;

function releases(all: readonly AppTold[]): Family[] {
  const gauge = (
    name: string,
    help: string,
    value: (release: NonNullable<AppStatus['release']>) => number | undefined,
  ): Family => ({
    name: `airfield_app_release${name}`,
    help,
    type: 'gauge',
    samples: all.flatMap(({ labels, status: { release } }) => {
      const number = release && value(release);
      return number === undefined ? [] : [[labels, number] as const];
    }),
  });
  return [
    gauge('', 'Version of the release that was made last', ({ version }) => version),
    gauge('_failed', 'Whether that release has failed', ({ phase }) => (phase === 'failed' ? 1 : 0)),
    gauge('_finished_timestamp_seconds', 'When it was complete or had failed', ({ finishedAt }) => seconds(finishedAt)),
  ];
}

const checks = (all: readonly AppTold[]): Family => ({
  name: 'airfield_app_check_machines',
  help: 'Machines that were asked by a check of the App, by what came of it',
  type: 'gauge',
  samples: all.flatMap(({ labels, status: { checks = [] } }) =>
    checks.flatMap(({ name, passing, total }) => [
      [{ ...labels, check: name, result: 'passing' }, passing] as const,
      [{ ...labels, check: name, result: 'failing' }, total - passing] as const,
    ]),
  ),
});

/** Which pods are machines of which App, so that what kubelets tell of pods can be told by App. */
export const podMetrics = (pods: readonly ObservedPod[]): Family => ({
  name: 'airfield_machine_info',
  help: 'Pods of Apps',
  type: 'gauge',
  samples: pods.flatMap(({ metadata: { namespace = '', name = '', labels = {} } }) => {
    const { [label.app]: app, [label.process]: process = '' } = labels;
    return app === undefined ? [] : [[{ namespace, app, process, pod: name }, 1] as const];
  }),
});

/** Machines that are objects of their own, by App; only the states that there are. */
export function machineMetrics(stored: readonly StoredObject[]): Family {
  const number = new Map<string, { labels: Record<string, string>; number: number }>();
  for (const { metadata, spec, status } of stored) {
    const { app = '' } = (spec ?? {}) as { app?: string };
    const { state = machineStates[0] } = (status ?? {}) as { state?: string };
    const labels = { namespace: metadata.namespace ?? '', app, state };
    const key = Object.values(labels).join('/');
    number.set(key, { labels, number: (number.get(key)?.number ?? 0) + 1 });
  }
  const samples = [...number.values()].map(({ labels, number }) => [labels, number] as const);
  return { name: 'airfield_machines', help: 'Machines of kind Machine by their state', type: 'gauge', samples };
}

const conditionOf = ({ conditions = [] }: Partial<AppStatus>, type: string) =>
  conditions.find((one) => one.type === type);
