import type { App, AppSpecInput } from '../../src/api/app.ts';
import type { ObservedCronJob, ObservedJob, ObservedPod, ObservedWorkload } from '../../src/api/kubernetes.ts';
import type { Machine, MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import type { Journal } from '../../src/api/release.ts';
import type { ScheduleSpecInput } from '../../src/api/schedule.ts';
import { type SecretSpecInput, secretSpecSchema, secretStatusSchema } from '../../src/api/secret.ts';
import { type AppChildrenObserved, appStatus, failingStatus, stalledStatus } from '../../src/status/app.ts';
import { onTheWay, ready, stalled } from '../../src/status/claims.ts';
import { withExpiry } from '../../src/status/expiry.ts';
import { machineStatus, waitingStatus } from '../../src/status/machine.ts';
import { scheduleStatus } from '../../src/status/schedule.ts';
import { secretStatus } from '../../src/status/secret.ts';
import { anApp, aPlan, aRelease, settings } from '../desired/app-fixture.ts';
import { aMachine, aPod, launched, withStatus } from '../desired/machine-fixture.ts';
import { aSchedule } from '../desired/schedule-fixture.ts';

export type ArgoHealth = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';
export type FluxStatus = 'Current' | 'InProgress' | 'Failed';

/** An object as the operator leaves it, and what it should be to whoever manages it from Git. */
export interface StageOfObject {
  readonly stage: string;
  readonly kind: 'App' | 'Machine' | 'Secret' | 'Schedule';
  readonly metadata: { readonly name: string; readonly generation: number };
  /** Absent: the operator has not seen it yet. */
  readonly status?: object | undefined;
  readonly argo: ArgoHealth;
  readonly flux: FluxStatus;
}

const now = new Date('2026-01-01T00:00:00Z');
const fluxOf = { Healthy: 'Current', Suspended: 'Current', Progressing: 'InProgress', Degraded: 'Failed' } as const;

const stage = (kind: StageOfObject['kind'], stage: string, argo: ArgoHealth, status?: object, generation = 1) => ({
  stage,
  kind,
  metadata: { name: 'hello', generation },
  // As JSON carries it: without what is undefined.
  status: status && JSON.parse(JSON.stringify(status)),
  argo,
  flux: fluxOf[argo],
});

const workload = (count: number, ready = count): ObservedWorkload =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hello-app', generation: 1 },
    spec: { replicas: count },
    status: {
      observedGeneration: 1,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: ready,
      availableReplicas: ready,
    },
  }) as unknown as ObservedWorkload;

const troubled = (reason: string): ObservedPod =>
  ({
    metadata: { name: 'hello-app-1', labels: { 'airfield.dev/release': '1', 'airfield.dev/workload': 'hello-app' } },
    status: { containerStatuses: [{ state: { waiting: { reason, message: 'no' } } }] },
  }) as unknown as ObservedPod;

interface AppStage extends Partial<AppChildrenObserved> {
  readonly spec?: Partial<AppSpecInput>;
  readonly journal?: Omit<Journal, 'since' | 'slot'>;
}

function appAt({ spec = { count: 2 }, journal, ...observed }: AppStage) {
  const app = anApp(spec);
  const current = { ...aRelease(app), journal: { since: now.toISOString(), slot: 'blue' as const, ...journal } };
  const usual = aPlan(app);
  const plan = journal ? { ...usual, current: current as typeof usual.current, serving: aRelease(app, 0) } : usual;
  const nothing = { workloads: [], pods: [], checks: [], service: undefined, settings, volumes: [] };
  const seen = { plan, ...nothing, misplaced: undefined, held: undefined, ...observed } as AppChildrenObserved;
  return withExpiry(created(app), appStatus(app, seen, now), now);
}

const created = (app: App): App => ({
  ...app,
  metadata: { ...app.metadata, creationTimestamp: '2026-01-01T00:00:00Z' },
});

const noSecret = { reason: 'NoSuchSecret', message: 'there is no Secret hello' };

const apps = (): StageOfObject[] => [
  stage('App', 'before the operator has seen it', 'Progressing'),
  stage('App', 'while its machines start', 'Progressing', appAt({ workloads: [workload(2, 1)] })),
  stage('App', 'when all machines run', 'Healthy', appAt({ workloads: [workload(2)] })),
  stage('App', 'that was changed since', 'Progressing', appAt({ workloads: [workload(2)] }), 2),
  stage('App', 'with no machines', 'Healthy', appAt({ spec: { count: 0 }, workloads: [workload(0)] })),
  stage(
    'App',
    'in its last hour',
    'Healthy',
    appAt({ spec: { count: 2, expiresAfter: '30m' }, workloads: [workload(2)] }),
  ),
  stage(
    'App',
    'whose release command runs',
    'Progressing',
    appAt({ journal: { phase: 'command' }, workloads: [workload(2)] }),
  ),
  stage(
    'App',
    'whose new release crashes, and is tried on',
    'Progressing',
    appAt({ journal: { phase: 'rollout' }, workloads: [workload(2)], pods: [troubled('CrashLoopBackOff')] }),
  ),
  stage(
    'App',
    'whose release has failed',
    'Degraded',
    appAt({
      journal: { phase: 'failed', reason: 'CrashLoopBackOff', message: 'it crashes' },
      workloads: [workload(2)],
    }),
  ),
  stage(
    'App',
    'that crashes though its release was complete',
    'Degraded',
    appAt({ workloads: [workload(2, 1)], pods: [troubled('CrashLoopBackOff')] }),
  ),
  stage('App', 'that waits for a Secret', 'Progressing', appAt({ workloads: [workload(2)], held: noSecret })),
  stage('App', 'that waits for its first Secret', 'Progressing', failingStatus(anApp(), noSecret, settings, now)),
  stage(
    'App',
    'that waits for a node',
    'Progressing',
    appAt({ workloads: [workload(2, 1)], misplaced: 'no node offers fra' }),
  ),
  stage(
    'App',
    'whose name is taken',
    'Degraded',
    stalledStatus(anApp(), { reason: 'NameConflict', message: 'Service hello exists already' }, settings, now),
  ),
];

const none = { pods: [], volumes: [], checks: [] };
function machineAt(status: Partial<MachineStatus>, podState?: object, spec: Partial<MachineSpecInput> = {}) {
  const machine: Machine = withStatus(launched(aMachine(spec)), { restarts: 0, ...status });
  const pods = podState ? [aPod(machine, podState as Parameters<typeof aPod>[1])] : [];
  return machineStatus(machine, { ...none, pods }, now);
}

const run = (asked: 'started' | 'stopped' | 'suspended', ended = true) => ({ number: 1, asked, ended });

const machines = (): StageOfObject[] => [
  stage('Machine', 'before the operator has seen it', 'Progressing'),
  stage('Machine', 'that starts', 'Progressing', machineAt({ state: 'starting' })),
  stage('Machine', 'that runs', 'Healthy', machineAt({ state: 'started' }, { running: {} })),
  stage('Machine', 'that was changed since', 'Progressing', machineAt({ state: 'started' }, { running: {} }), 2),
  stage(
    'Machine',
    'without an image',
    'Degraded',
    machineAt({ state: 'starting' }, { waiting: { reason: 'ImagePullBackOff' } }),
  ),
  stage('Machine', 'that is stopped as asked', 'Suspended', machineAt({ state: 'stopped', run: run('stopped') })),
  stage('Machine', 'that is suspended as asked', 'Suspended', machineAt({ state: 'suspended', run: run('suspended') })),
  stage('Machine', 'that has ended well', 'Healthy', machineAt({ state: 'stopped', exitCode: 0, run: run('started') })),
  stage('Machine', 'that has failed', 'Degraded', machineAt({ state: 'stopped', exitCode: 1, run: run('started') })),
  stage(
    'Machine',
    'whose App has no release',
    'Progressing',
    waitingStatus(aMachine(), onTheWay('Unknown', 'AppNotReleased', 'App hello has no release yet'), now),
  ),
];

function secretAt(claims: Parameters<typeof secretStatus>[1]['claims'], data: SecretSpecInput['data'] = {}) {
  const metadata = { name: 'hello', namespace: 'acme', uid: 'u', generation: 1 };
  const secret = { metadata, spec: secretSpecSchema.parse({ data }), status: secretStatusSchema.parse({}) };
  return secretStatus(secret, { values: [], claims, conflicts: [], newestKey: 'age1new' }, now);
}

const secrets = (): StageOfObject[] => [
  stage('Secret', 'before the operator has seen it', 'Progressing'),
  stage('Secret', 'with all values', 'Healthy', secretAt(ready('Realised', 'all 2 values are there'))),
  stage(
    'Secret',
    'with a value as it is',
    'Healthy',
    secretAt(ready('Realised', 'it is there'), { A: { value: 'x' } }),
  ),
  stage('Secret', 'that was changed since', 'Progressing', secretAt(ready('Realised', 'all')), 2),
  stage(
    'Secret',
    'whose source is not there',
    'Progressing',
    secretAt(onTheWay('False', 'SourceMissing', 'there is none')),
  ),
  stage(
    'Secret',
    'that cannot be opened',
    'Degraded',
    secretAt(stalled('WrongPlace', 'it is sealed for another name')),
  ),
];

const cronJob = {
  metadata: { name: 'hello', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: {},
} as unknown as ObservedCronJob;
const failedJob = {
  kind: 'Job',
  metadata: { name: 'hello-1', creationTimestamp: '2025-12-31T03:00:00Z' },
  spec: { backoffLimit: 0 },
  status: {
    failed: 1,
    conditions: [
      { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: '2025-12-31T03:05:00Z' },
    ],
  },
} as unknown as ObservedJob;

function scheduleAt(spec: Partial<ScheduleSpecInput>, seen: object = {}) {
  const observed = { release: 3, obstacle: undefined, cronJob, jobs: [], pods: [], ...seen };
  return scheduleStatus(aSchedule(spec), observed, now);
}

const obstacle = (isFinal: boolean) => ({
  obstacle: { reason: 'AppNotFound', message: 'there is no App hello', isFinal },
});

const schedules = (): StageOfObject[] => [
  stage('Schedule', 'before the operator has seen it', 'Progressing'),
  stage('Schedule', 'whose runs begin', 'Healthy', scheduleAt({})),
  stage('Schedule', 'that was changed since', 'Progressing', scheduleAt({}), 2),
  stage('Schedule', 'that is suspended', 'Suspended', scheduleAt({ suspend: true })),
  stage('Schedule', 'whose last run has failed', 'Healthy', scheduleAt({}, { jobs: [failedJob] })),
  stage('Schedule', 'that waits for its App', 'Progressing', scheduleAt({}, obstacle(false))),
  stage('Schedule', 'that can never run', 'Degraded', scheduleAt({}, obstacle(true))),
];

/** Every stage of every kind, in what `src/status/` writes. */
export const stages = (): StageOfObject[] => [...apps(), ...machines(), ...secrets(), ...schedules()];
