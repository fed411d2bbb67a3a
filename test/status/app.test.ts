import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ObservedPod, ObservedService, ObservedWorkload } from '../../src/api/kubernetes.ts';
import type { Journal } from '../../src/api/release.ts';
import { type AppChildrenObserved, appStatus, failingStatus, stalledStatus } from '../../src/status/app.ts';
import { anApp, aPlan, aRelease, settings } from '../desired/app-fixture.ts';
import { kstatus } from './kstatus.ts';

const now = new Date('2026-01-01T00:00:00Z');

type Counts = NonNullable<ObservedWorkload['status']>;

function deployment(replicas: number, status: Counts, process = 'app'): ObservedWorkload {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `hello-${process}`, generation: 2 },
    spec: { replicas } as NonNullable<ObservedWorkload['spec']>,
    status: { observedGeneration: 2, ...status },
  } as ObservedWorkload;
}

const counts = (n: number): Counts => ({ replicas: n, updatedReplicas: n, readyReplicas: n, availableReplicas: n });

const pod = (more: object): ObservedPod => {
  const labels = { 'airfield.dev/release': '1', 'airfield.dev/workload': 'hello-app' };
  return { metadata: { name: 'hello-app-1', labels }, ...more } as unknown as ObservedPod;
};
const waiting = (reason: string, message = '') =>
  pod({ status: { containerStatuses: [{ state: { waiting: { reason, message } } }] } });
const unschedulable = pod({
  status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] },
});

interface Stage extends Partial<AppChildrenObserved> {
  spec?: Partial<AppSpecInput>;
  /** How far release 1 is; release 0 serves beside it. Without it release 1 is complete. */
  journal?: Omit<Journal, 'since' | 'slot'>;
}

function statusAt({ spec = { count: 2 }, journal, ...observed }: Stage) {
  const app = anApp(spec);
  const usual = aPlan(app);
  const since = '2026-01-01T00:00:00Z';
  const current = { ...aRelease(app), journal: { since, slot: 'blue' as const, ...journal } };
  const plan = journal ? { ...usual, current: current as typeof usual.current, serving: aRelease(app, 0) } : usual;
  const nothing = {
    workloads: [],
    pods: [],
    checks: [],
    service: undefined,
    settings,
    volumes: [],
    misplaced: undefined,
    held: undefined,
  };
  return {
    metadata: app.metadata,
    status: appStatus(app, { plan, ...nothing, ...observed } as AppChildrenObserved, now),
  };
}

const ready = (status: ReturnType<typeof appStatus>) => status.conditions?.find(({ type }) => type === 'Ready');

describe('the status of an App', () => {
  const failed = { phase: 'failed' as const, reason: 'CrashLoopBackOff', message: 'machine x crashes' };

  it.each<[string, Stage, string, string, string]>([
    ['before its Deployment is seen', {}, 'InProgress', 'Unknown', 'Progressing'],
    ['while machines start', { workloads: [deployment(2, counts(1))] }, 'InProgress', 'Unknown', 'Progressing'],
    [
      'while an old machine is still there',
      { workloads: [deployment(2, { ...counts(2), replicas: 3 })] },
      'InProgress',
      'Unknown',
      'Progressing',
    ],
    [
      'before the Deployment was looked at',
      { workloads: [deployment(2, { ...counts(2), observedGeneration: 1 })] },
      'InProgress',
      'Unknown',
      'Progressing',
    ],
    ['when all machines run', { workloads: [deployment(2, counts(2))] }, 'Current', 'True', 'Running'],
    ['when none should run', { spec: { count: 0 }, workloads: [deployment(0, {})] }, 'Current', 'True', 'Idle'],
    [
      'when an image cannot be pulled',
      { pods: [waiting('ImagePullBackOff')] },
      'InProgress',
      'False',
      'ImagePullBackOff',
    ],
    ['when no node has room', { pods: [unschedulable] }, 'InProgress', 'False', 'Unschedulable'],
    ['when no node is in its region', { misplaced: 'no node offers fra' }, 'InProgress', 'False', 'RegionUnavailable'],
    [
      'while its release command runs',
      { journal: { phase: 'command' }, workloads: [deployment(2, counts(2))] },
      'InProgress',
      'Unknown',
      'Releasing',
    ],
    [
      'while a new machine crashes',
      { journal: { phase: 'rollout' }, workloads: [deployment(2, counts(2))], pods: [waiting('CrashLoopBackOff')] },
      'InProgress',
      'False',
      'CrashLoopBackOff',
    ],
    [
      'when a release has failed and the one before it serves',
      { journal: failed, workloads: [deployment(2, counts(2))] },
      'Failed',
      'False',
      'ReleaseFailed',
    ],
  ])('is right for people and for kstatus %s', (_, stage, kstatusReads, status, reason) => {
    const object = statusAt(stage);
    expect(kstatus(object)).toBe(kstatusReads);
    expect(ready(object.status)).toMatchObject({ status, reason, observedGeneration: 1 });
  });

  it('is in progress for kstatus from the edit until the operator has seen it', () => {
    const { metadata, status } = statusAt({ workloads: [deployment(2, counts(2))] });
    expect(kstatus({ metadata: { ...metadata, generation: 2 }, status })).toBe('InProgress');
    expect(kstatus({ metadata, status: { observedGeneration: -1 } })).toBe('InProgress');
  });

  it('names the machine and says why', () => {
    const pods = [waiting('ErrImagePull', 'no such image')];
    expect(ready(statusAt({ workloads: [deployment(2, {})], pods }).status)?.message).toBe(
      '0 of 2 machines ready; machine hello-app-1: ErrImagePull (no such image)',
    );
  });

  it('says which release failed, why, and what serves instead', () => {
    const { status } = statusAt({ journal: failed, workloads: [deployment(2, counts(2))] });
    expect(ready(status)?.message).toBe('release 1 failed: machine x crashes; release 0 serves; 2 of 2 machines ready');
    expect(status.release).toEqual({
      version: 1,
      image: 'example.com/hello:1',
      phase: 'failed',
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:00Z',
      reason: 'CrashLoopBackOff',
      message: 'machine x crashes',
      serving: 0,
    });
  });

  it('counts machines by process group and region, and those of the default group for `kubectl scale`', () => {
    const regions = [
      { name: 'iad', count: 2 },
      { name: 'fra', count: 1 },
    ];
    const spec = { primaryRegion: 'iad', processes: [{ name: 'web', regions }, { name: 'worker' }] };
    const workloads = [deployment(2, counts(2), 'web'), deployment(1, {}, 'worker')];
    const { status } = statusAt({ spec, workloads });
    expect(status.machines).toBe('2/4');
    expect(status.processes).toEqual([
      {
        name: 'web',
        desired: 3,
        ready: 2,
        stopped: 0,
        regions: [
          { name: 'iad', desired: 2, ready: 2 },
          { name: 'fra', desired: 1, ready: 0 },
        ],
      },
      { name: 'worker', desired: 1, ready: 0, stopped: 0, regions: [{ name: 'iad', desired: 1, ready: 0 }] },
    ]);
    const selector = 'airfield.dev/app=hello,airfield.dev/process=web,!airfield.dev/machine';
    expect(status).toMatchObject({ replicas: 3, selector });
  });

  it('lists where the App answers', () => {
    const ports = [
      { port: 80, protocol: 'TCP', appProtocol: 'http' },
      { port: 8080, protocol: 'TCP', appProtocol: 'http' },
      { port: 5432, protocol: 'TCP' },
    ];
    const service = { metadata: { name: 'hello', namespace: 'acme' }, spec: { ports } } as ObservedService;
    expect(statusAt({ service }).status.urls).toEqual([
      'http://hello.acme.svc.cluster.local',
      'http://hello.acme.svc.cluster.local:8080',
      'tcp://hello.acme.svc.cluster.local:5432',
    ]);
  });

  it('names every field that is not acted on, and what happens instead', () => {
    const ports = [{ port: 80, handlers: ['http' as const], forceHttps: true }];
    const services = [{ internalPort: 1, autoStop: 'stop' as const, ports }];
    const { status } = statusAt({ workloads: [deployment(2, counts(2))], spec: { services, swap: '1Gi' } });
    const condition = status.conditions?.find(({ type }) => type === 'Unrealised');
    expect(condition).toMatchObject({ status: 'True', reason: 'NotYetSupported' });
    expect(condition?.message).toContain('spec.services[0].autoStop (machines keep running)');
    expect(condition?.message).toContain('spec.services[0].ports[0].forceHttps');
    expect(condition?.message).toContain('not available on Kubernetes: spec.swap');
    expect(ready(status)?.status).toBe('True');
    const swap = statusAt({ spec: { swap: '1Gi' } }).status.conditions?.find(({ type }) => type === 'Unrealised');
    expect(swap?.reason).toBe('NotAvailable');
  });

  it('of an App whose children are refused is in progress for kstatus, with the reason', () => {
    const app = anApp();
    const status = failingStatus(app, { reason: 'ApplyFailed', message: 'exceeded quota' }, settings, now);
    expect(kstatus({ metadata: app.metadata, status })).toBe('InProgress');
    expect(ready(status)).toMatchObject({ status: 'False', reason: 'ApplyFailed', message: 'exceeded quota' });
  });

  it('of an App that is not acted on is failed for kstatus, with the reason', () => {
    const app = anApp();
    const error = Object.assign(new Error('Service hello is taken'), {
      reason: 'NameConflict',
      more: 'not for a condition',
    });
    const status = stalledStatus(app, error, settings, now);
    expect(kstatus({ metadata: app.metadata, status })).toBe('Failed');
    expect(ready(status)).toMatchObject({ status: 'False', reason: 'NameConflict', message: 'Service hello is taken' });
    expect(ready(status)).not.toHaveProperty('more');
  });
});
