import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ObservedDeployment, ObservedPod, ObservedService } from '../../src/api/kubernetes.ts';
import { appStatus, failingStatus, stalledStatus } from '../../src/status/app.ts';
import { anApp } from '../desired/app-fixture.ts';
import { kstatus } from './kstatus.ts';

const now = new Date('2026-01-01T00:00:00Z');

type DeploymentStatus = NonNullable<ObservedDeployment['status']>;

function deployment(replicas: number, status: DeploymentStatus, process = 'app'): ObservedDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `hello-${process}`, generation: 2, labels: { 'airfield.dev/process': process } },
    spec: { replicas } as NonNullable<ObservedDeployment['spec']>,
    status: { observedGeneration: 2, ...status },
  };
}

const counts = (n: number): DeploymentStatus => ({
  replicas: n,
  updatedReplicas: n,
  readyReplicas: n,
  availableReplicas: n,
});
const waiting = (reason: string, message = ''): ObservedPod =>
  ({
    metadata: { name: 'hello-app-1', creationTimestamp: '2026-01-01T00:00:00Z' },
    status: { containerStatuses: [{ state: { waiting: { reason, message } } }] },
  }) as unknown as ObservedPod;
const unschedulable = {
  metadata: { name: 'hello-app-2', creationTimestamp: '2026-01-01T00:00:01Z' },
  status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] },
} as unknown as ObservedPod;
const timedOut: DeploymentStatus = {
  ...counts(1),
  conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' }],
};

interface Stage {
  deployments?: ObservedDeployment[];
  pods?: ObservedPod[];
  spec?: Partial<AppSpecInput>;
}

function statusAt({ deployments = [], pods = [], spec = {} }: Stage) {
  const app = anApp(spec);
  const observed = { groups: [{ name: 'app', count: 2 }], deployments, pods, clusterDomain: 'cluster.local' };
  return { metadata: app.metadata, status: appStatus(app, observed, now) };
}

const ready = (status: ReturnType<typeof appStatus>) => status.conditions?.find(({ type }) => type === 'Ready');

describe('the status of an App', () => {
  it.each<[string, Stage, string, string, string]>([
    ['before its Deployment is seen', {}, 'InProgress', 'Unknown', 'Progressing'],
    ['while machines start', { deployments: [deployment(2, counts(1))] }, 'InProgress', 'Unknown', 'Progressing'],
    [
      'while an old machine is still there',
      { deployments: [deployment(2, { ...counts(2), replicas: 3 })] },
      'InProgress',
      'Unknown',
      'Progressing',
    ],
    [
      'before the Deployment was looked at',
      { deployments: [deployment(2, { ...counts(2), observedGeneration: 1 })] },
      'InProgress',
      'Unknown',
      'Progressing',
    ],
    ['when all machines run', { deployments: [deployment(2, counts(2))] }, 'Current', 'True', 'Running'],
    ['when none should run', { deployments: [deployment(0, {})] }, 'Current', 'True', 'Idle'],
    [
      'when an image cannot be pulled',
      { deployments: [deployment(1, {})], pods: [waiting('ImagePullBackOff')] },
      'InProgress',
      'False',
      'ImagePullBackOff',
    ],
    [
      'when no node has room',
      { deployments: [deployment(1, {})], pods: [unschedulable] },
      'InProgress',
      'False',
      'Unschedulable',
    ],
    ['when waiting has ended', { deployments: [deployment(2, timedOut)] }, 'Failed', 'False', 'RolloutFailed'],
    [
      'when waiting has ended for a reason',
      { deployments: [deployment(2, timedOut)], pods: [waiting('CrashLoopBackOff')] },
      'Failed',
      'False',
      'CrashLoopBackOff',
    ],
  ])('is right for people and for kstatus %s', (_, stage, kstatusReads, status, reason) => {
    const object = statusAt(stage);
    expect(kstatus(object)).toBe(kstatusReads);
    expect(ready(object.status)).toMatchObject({ status, reason, observedGeneration: 1 });
  });

  it('is in progress for kstatus from the edit until the operator has seen it', () => {
    const { metadata, status } = statusAt({ deployments: [deployment(1, counts(1))] });
    expect(kstatus({ metadata: { ...metadata, generation: 2 }, status })).toBe('InProgress');
    expect(kstatus({ metadata, status: { observedGeneration: -1 } })).toBe('InProgress');
  });

  it('names the machine and says why', () => {
    const pods = [waiting('ErrImagePull', 'no such image')];
    expect(ready(statusAt({ deployments: [deployment(2, {})], pods }).status)?.message).toBe(
      '0 of 2 machines ready; machine hello-app-1: ErrImagePull (no such image)',
    );
  });

  it('counts machines by process group', () => {
    const app = anApp({ processes: [{ name: 'web' }, { name: 'worker' }] });
    const deployments = [deployment(2, counts(2), 'web'), deployment(1, {}, 'worker')];
    const status = appStatus(
      app,
      {
        groups: [
          { name: 'web', count: 2 },
          { name: 'worker', count: 1 },
        ],
        deployments,
        pods: [],
        clusterDomain: 'x',
      },
      now,
    );
    expect(status.machines).toBe('2/3');
    expect(status.processes).toEqual([
      { name: 'web', desired: 2, ready: 2, stopped: 0 },
      { name: 'worker', desired: 1, ready: 0, stopped: 0 },
    ]);
  });

  it('lists where the App answers', () => {
    const ports = [
      { port: 80, protocol: 'TCP', appProtocol: 'http' },
      { port: 8080, protocol: 'TCP', appProtocol: 'http' },
      { port: 5432, protocol: 'TCP' },
    ];
    const service = { metadata: { name: 'hello', namespace: 'acme' }, spec: { ports } } as ObservedService;
    const status = appStatus(
      anApp(),
      { groups: [{ name: 'app', count: 2 }], deployments: [], pods: [], service, clusterDomain: 'cluster.local' },
      now,
    );
    expect(status.urls).toEqual([
      'http://hello.acme.svc.cluster.local',
      'http://hello.acme.svc.cluster.local:8080',
      'tcp://hello.acme.svc.cluster.local:5432',
    ]);
  });

  it('names every field that is not acted on, and what happens instead', () => {
    const services = [
      {
        internalPort: 1,
        autoStop: 'stop' as const,
        ports: [{ port: 80, handlers: ['http' as const], forceHttps: true }],
      },
    ];
    const { status } = statusAt({ deployments: [deployment(1, counts(1))], spec: { services } });
    const condition = status.conditions?.find(({ type }) => type === 'Unrealised');
    expect(condition).toMatchObject({ status: 'True', reason: 'NotYetSupported' });
    expect(condition?.message).toContain('spec.services[0].autoStop (machines keep running)');
    expect(condition?.message).toContain('spec.services[0].ports[0].forceHttps');
    expect(ready(status)?.status).toBe('True');
  });

  it('of an App whose children are refused is in progress for kstatus, with the reason', () => {
    const app = anApp();
    const status = failingStatus(app, { reason: 'ApplyFailed', message: 'exceeded quota' }, now);
    expect(kstatus({ metadata: app.metadata, status })).toBe('InProgress');
    expect(ready(status)).toMatchObject({ status: 'False', reason: 'ApplyFailed', message: 'exceeded quota' });
  });

  it('of an App that is not acted on is failed for kstatus, with the reason', () => {
    const app = anApp();
    const error = Object.assign(new Error('Service hello is taken'), {
      reason: 'NameConflict',
      more: 'not for a condition',
    });
    const status = stalledStatus(app, error, now);
    expect(kstatus({ metadata: app.metadata, status })).toBe('Failed');
    expect(ready(status)).toMatchObject({ status: 'False', reason: 'NameConflict', message: 'Service hello is taken' });
    expect(ready(status)).not.toHaveProperty('more');
  });
});
