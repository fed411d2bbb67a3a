import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { ObservedPod, ObservedWorkload } from '../../src/api/kubernetes.ts';
import { appStatus } from '../../src/status/app.ts';
import { anApp, aPlan, settings } from '../desired/app-fixture.ts';
import { kstatus } from './kstatus.ts';

const now = new Date('2026-01-01T01:00:00Z');
const service = { internalPort: 8080, ports: [{ port: 80 }], autoStop: 'stop' as const };
const gates = {
  namespace: 'airfield',
  ports: { first: 20_000, last: 20_001 },
  policies: false,
  certificates: 'airfield',
};

/** A Deployment of which so many machines should run, and as many do; `total` with those that are on their way out. */
function deployment(replicas: number, { ready = replicas, total = replicas, group = 'app' } = {}): ObservedWorkload {
  return {
    kind: 'Deployment',
    metadata: { name: `hello-${group}`, generation: 1 },
    spec: { replicas },
    status: { observedGeneration: 1, replicas: total, updatedReplicas: total, availableReplicas: ready },
  } as unknown as ObservedWorkload;
}

function podOf(age: number, state: object = { running: {} }): ObservedPod {
  const labels = { 'airfield.dev/release': '1', 'airfield.dev/workload': 'hello-app' };
  const creationTimestamp = new Date(now.getTime() - age * 1000).toISOString();
  const containerStatuses = [{ name: 'app', ready: false, state }];
  return { metadata: { name: 'hello-app-1', labels, creationTimestamp }, status: { containerStatuses } } as never;
}

function told(spec: Partial<AppSpecInput>, workloads: ObservedWorkload[], pods: ObservedPod[] = []) {
  const app = anApp({ services: [service], ...spec });
  const nothing = { checks: [], service: undefined, volumes: [], misplaced: undefined, held: undefined };
  const observed = { plan: aPlan(app), workloads, pods, ...nothing, settings: { ...settings, gates } };
  const status = appStatus(app, observed, now);
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return {
    ...status,
    ready: `${ready?.status} ${ready?.reason}: ${ready?.message}`,
    kstatus: kstatus({ metadata: app.metadata, status }),
  };
}

describe('an App whose machines stop without work', () => {
  it.each<[number, number, string]>([
    [2, 0, 'True Idle: all 2 machines are stopped; a request starts one'],
    [1, 0, 'True Idle: its machine is stopped; a request starts one'],
    [2, 1, 'True Running: its machine is ready, 1 more is stopped'],
    [5, 2, 'True Running: all 2 machines are ready, 3 more are stopped'],
    [2, 2, 'True Running: all 2 machines are ready'],
  ])('is Ready with %i machines of which %i run', (count, running, ready) => {
    const status = told({ count }, [deployment(running)]);
    expect([status.ready, status.kstatus]).toEqual([ready, 'Current']);
    expect(status.machines).toBe(`${running}/${running}`);
    expect(status.processes).toEqual([{ name: 'app', desired: running, ready: running, stopped: count - running }]);
  });

  it.each<[number, number, number, string]>([
    [1, 1, 1, 'True Idle: its machine is suspended; a request resumes one'],
    [3, 3, 3, 'True Idle: all 3 machines are suspended; a request resumes one'],
    [3, 3, 1, 'True Running: all 2 machines are ready, 1 more is suspended'],
    [3, 1, 1, 'True Idle: all 3 machines are stopped or suspended; a request resumes one'],
  ])('is Ready with %i machines, %i pods and %i of them suspended', (count, pods, suspended, ready) => {
    const asleep = Array.from({ length: suspended }, () => {
      const pod = podOf(60);
      return { ...pod, metadata: { ...pod.metadata, annotations: { 'airfield.dev/suspended': '{}' } } };
    });
    const status = told({ count, services: [{ ...service, autoStop: 'suspend' }] }, [deployment(pods)], asleep);
    expect([status.ready, status.kstatus]).toEqual([ready, 'Current']);
    const running = pods - suspended;
    expect(status.processes).toEqual([
      { name: 'app', desired: running, ready: running, stopped: count - running, suspended },
    ]);
  });

  it('says what to do where no request starts one', () => {
    const services = [{ ...service, autoStart: false }];
    expect(told({ services }, [deployment(0)]).ready).toBe(
      'True Idle: all 2 machines are stopped; nothing starts those of `app`: set `autoStart: true` in a service of it, or `minMachinesRunning` above 0',
    );
    expect(told({ services }, [deployment(1)]).ready).toBe('True Running: its machine is ready, 1 more is stopped');
  });

  it('is Ready while one is started for a request, and while one is stopped', () => {
    const starting = told({}, [deployment(1, { ready: 0 })], [podOf(2)]);
    expect(starting).toMatchObject({
      kstatus: 'Current',
      machines: '0/1',
      ready: 'True Starting: 0 of 1 machines ready, and the others are starting',
    });
    const stopping = told({}, [deployment(0, { total: 1 })]);
    expect(stopping.ready).toBe('True Idle: all 2 machines are stopped; a request starts one');
  });

  it('is not Ready where one that is started has trouble, or does not come', () => {
    const workloads = [deployment(1, { ready: 0 })];
    const crashing = podOf(2, { waiting: { reason: 'CrashLoopBackOff' } });
    expect(told({}, workloads, [crashing]).ready).toMatch(/^False CrashLoopBackOff: 0 of 1 machines ready; machine/);
    expect(told({}, workloads, [podOf(299)]).ready).toMatch(/^True Starting: /);
    expect(told({}, workloads, [podOf(300)]).ready).toMatch(/^Unknown Progressing: .* its check does not pass$/);
  });

  it('is not Ready while a group that does not stop has not all of its machines', () => {
    const processes = [{ name: 'app' }, { name: 'worker' }];
    const services = [{ ...service, processes: ['app'] }];
    const worker = (ready: number) => deployment(1, { ready, group: 'worker' });
    const status = told({ processes, services }, [deployment(0), worker(1)]);
    expect(status.ready).toBe('True Running: its machine is ready, 2 more are stopped');
    expect(status.processes?.map(({ name, stopped }) => [name, stopped])).toEqual([
      ['app', 2],
      ['worker', 0],
    ]);
    expect(told({ processes, services }, [deployment(0), worker(0)]).ready).toMatch(/^Unknown Progressing: /);
  });
});
