import { describe, expect, it } from 'vitest';
import { suspendedAnnotation } from '../../../src/api/meta.ts';
import { resumePod } from '../../../src/suspend/pods.ts';
import { ScaledApp } from './scaled-app.ts';

/** The autoscaler of these tests stops what has been too many for 30 s; it looks every 5 s, and first after 5 s. */
const untilDecided = 35;
const full = ['500m', '1', false];
const small = ['1m', '100m', true];

const create = (more: object = {}) => ScaledApp.create({ autoStop: 'suspend', ...more });

/** With two machines, of which `web-app-0` is suspended. */
async function withOneSuspended() {
  const app = await create();
  const gate = await app.gate(2);
  await app.machines(2);
  gate.loads.set('web-app-1', { current: 1 });
  app.keep();
  await app.pass(untilDecided);
  await app.clock.look();
  await app.seenSuspended('web-app-0', true);
  gate.loads.set('web-app-0', { leaving: true });
  return { app, gate };
}

describe('a machine that has nothing to do', () => {
  it('has its CPU taken away, and stays', async () => {
    const { app, gate } = await withOneSuspended();
    expect(await app.resources('web-app-0')).toEqual(small);
    expect([await app.replicas(), [...gate.drained]]).toEqual([2, []]);
    expect(await app.resources('web-app-1')).toEqual(full);
    gate.loads.set('web-app-1', {});
    await app.pass(untilDecided);
    await app.clock.look();
    expect([await app.replicas(), await app.resources('web-app-1')]).toEqual([2, small]);
    expect(app.events).toEqual([
      'Suspended: suspended web-app-0 of app: fewer have been enough for 30s, 1 of 3 run',
      'Suspended: suspended web-app-1 of app: nothing to do for 30s, 0 of 3 run',
    ]);
    const text = await app.metrics.text();
    expect(text).toContain('airfield_autoscaler_suspensions_total{reason="excess"} 1');
    expect(text).toContain('airfield_autoscaler_suspensions_total{reason="idle"} 1');
    await app.pass(60);
    expect(app.events).toHaveLength(2);
  });

  it('is stopped where Kubernetes does not let it be suspended, as those after it are', async () => {
    const app = await create({ mayResize: false });
    const gate = await app.gate(2);
    await app.machines(2);
    gate.loads.set('web-app-1', { current: 1 });
    app.keep();
    await app.pass(untilDecided);
    await app.clock.look();
    expect(await app.resources('web-app-0')).toEqual(full);
    await app.clock.look();
    expect(await app.replicas()).toBe(1);
    await app.deletePod('web-app-0');
    gate.loads.set('web-app-1', {});
    await app.pass(untilDecided + 5);
    await app.clock.look();
    expect(await app.replicas()).toBe(0);
    expect(app.events.map((event) => event.split(':')[0])).toEqual(['NotSuspended', 'Stopped', 'Stopped']);
  });
});

describe('a suspended machine', () => {
  it('runs again where the others have enough to do, before one is started', async () => {
    const { app, gate } = await withOneSuspended();
    gate.loads.set('web-app-1', { current: 20 });
    await app.clock.look();
    expect([await app.replicas(), await app.resources('web-app-0')]).toEqual([2, full]);
    await app.seenSuspended('web-app-0', false);
    expect(app.events.slice(1)).toEqual([
      'Resumed: resumed web-app-0 of app: all running ones are over the soft limit of 20 requests',
    ]);
  });

  it('that a gate has resumed is told, once', async () => {
    const { app } = await withOneSuspended();
    const { client, namespace, caches } = app;
    const uid = caches.pods.store.get(`${namespace}/web-app-0`)?.metadata.uid ?? '';
    const had = { app: { requests: '500m', limits: '1' } };
    await resumePod(client, { name: 'web-app-0', namespace, uid }, had, AbortSignal.timeout(10_000));
    await app.seenSuspended('web-app-0', false);
    expect(await app.resources('web-app-0')).toEqual(full);
    expect(app.events.slice(1)).toEqual(['Resumed: resumed web-app-0 of app: a request waited for it']);
  });

  it('is resumed where the gate that was about to do it has ended', async () => {
    const { app, gate } = await withOneSuspended();
    gate.loads.set('web-app-0', { current: 1 });
    await app.clock.look();
    expect(await app.resources('web-app-0')).toEqual(full);
    await app.seenSuspended('web-app-0', false);
    expect(app.events.slice(1)).toEqual(['Resumed: resumed web-app-0 of app: it got something to do']);
  });

  it('gets back what was taken from it in the moment when it was resumed', async () => {
    const { app } = await withOneSuspended();
    await app.patchPod('web-app-0', { metadata: { annotations: { [suspendedAnnotation]: null } } });
    await app.seenSuspended('web-app-0', false);
    await app.tend();
    expect(await app.resources('web-app-0')).toEqual(full);
  });

  it('is resumed where the App does not ask for it any more', async () => {
    const { app } = await withOneSuspended();
    await app.tend('suspend');
    expect(await app.resources('web-app-0')).toEqual(small);
    await app.tend('stop');
    expect(await app.resources('web-app-0')).toEqual(full);
  });

  it('is resumed where its node cannot take its CPU away, and those after it are stopped', async () => {
    const { app } = await withOneSuspended();
    const condition = { type: 'PodResizePending', status: 'True', reason: 'Infeasible' };
    await app.patchPod('web-app-0', { status: { conditions: [condition] } }, 'status');
    await app.seen(
      () =>
        app.caches.pods.store
          .get(`${app.namespace}/web-app-0`)
          ?.status?.conditions?.some(({ reason }) => reason === 'Infeasible') ?? false,
    );
    await app.clock.look();
    expect(await app.resources('web-app-0')).toEqual(full);
    expect(app.events.slice(1).map((event) => event.split(':')[0])).toEqual(['NotSuspended', 'Resumed']);
  });
});
