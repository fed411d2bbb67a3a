import { beforeEach, describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/errors.ts';
import { EventRecorder, type EventRecorderOptions, type KubeEvent } from '../../src/kube/events.ts';
import { silent } from '../../src/kube/log.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { ManualClock } from './time.ts';

const app: KubeObject = {
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'App',
  metadata: { namespace: 'acme', name: 'web', uid: 'u1', resourceVersion: '7' },
};
const failed = { type: 'Warning', reason: 'ReleaseFailed', message: 'the image does not exist' } as const;

let clock: ManualClock;
let created: KubeEvent[];
let patched: object[];
let refuse: KubeError | undefined;
let warnings: object[];
let recorder: EventRecorder;

beforeEach(() => {
  clock = new ManualClock();
  created = [];
  patched = [];
  warnings = [];
  refuse = undefined;
  const client = {
    create: async (_: unknown, event: KubeEvent) => {
      if (refuse) throw refuse;
      created.push(event);
      return event;
    },
    mergePatch: async (_: unknown, ref: object, patch: object) => {
      if (refuse) throw refuse;
      patched.push({ ...ref, ...patch });
    },
  } as unknown as EventRecorderOptions['client'];
  const log = { ...silent, warn: (fields: object) => warnings.push(fields) };
  recorder = new EventRecorder({ client, controller: 'airfield.dev/operator', instance: 'operator-0', clock, log });
});

const error = (status: number, reason: string) => new KubeError({ status, reason, text: 'on command' });

describe('events', () => {
  it('say who reports what about which object', async () => {
    recorder.record(app, failed);
    await recorder.flush();
    expect(created).toMatchObject([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { namespace: 'acme', name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
        eventTime: '2026-01-02T03:04:05.000000Z',
        reportingController: 'airfield.dev/operator',
        reportingInstance: 'operator-0',
        action: 'ReleaseFailed',
        reason: 'ReleaseFailed',
        regarding: { kind: 'App', namespace: 'acme', name: 'web', uid: 'u1' },
        note: 'the image does not exist',
        type: 'Warning',
      },
    ]);
    expect(created[0]).not.toHaveProperty('series');
  });

  it('count up when the same is said again, and are written at most every three minutes', async () => {
    for (let loop = 0; loop < 360; loop++) {
      recorder.record(app, failed);
      await clock.advance(1000);
    }
    expect(created.length).toBe(1);
    expect(patched).toMatchObject([{ namespace: 'acme', name: created[0]?.metadata.name, series: { count: 181 } }]);
  });

  it('are new ones for another message, another object, or after ten quiet minutes', async () => {
    recorder.record(app, failed);
    recorder.record(app, { ...failed, message: 'another' });
    recorder.record({ ...app, metadata: { ...app.metadata, uid: 'u2' } }, failed);
    await clock.advance(10 * 60_000);
    recorder.record(app, failed);
    await recorder.flush();
    expect(created.length).toBe(4);
  });

  it('are written again, with their count, where the API server has dropped them', async () => {
    recorder.record(app, failed);
    await recorder.flush();
    await clock.advance(4 * 60_000);
    refuse = error(404, 'NotFound');
    recorder.record(app, failed);
    await recorder.flush();
    expect(warnings).toMatchObject([{ error: 'NotFound: on command' }]);
    refuse = undefined;
    await clock.advance(4 * 60_000);
    recorder.record(app, failed);
    await recorder.flush();
    expect(patched).toMatchObject([{ series: { count: 3 } }]);
  });

  it('that cannot be written are logged and do not disturb the others', async () => {
    refuse = error(403, 'Forbidden');
    recorder.record(app, failed);
    await recorder.flush();
    expect(warnings).toMatchObject([{ error: 'Forbidden: on command' }]);
    refuse = undefined;
    recorder.record(app, { ...failed, message: 'next' });
    await recorder.flush();
    expect(created.length).toBe(1);
  });

  it('of a flood are dropped beyond a bound, in memory too', async () => {
    for (let n = 0; n < 5000; n++) recorder.record(app, { ...failed, message: `message ${n}` });
    await recorder.flush();
    expect(created.length).toBe(1000);
  });

  it('of objects without a namespace go to default, and long notes are cut to 1024 bytes', async () => {
    const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
    recorder.record(node, { ...failed, message: 'ü'.repeat(2000) });
    await recorder.flush();
    expect(created[0]?.metadata.namespace).toBe('default');
    expect(Buffer.byteLength(created[0]!.note)).toBeLessThanOrEqual(1024);
    expect(created[0]?.note).toMatch(/^ü+…$/);
  });
});
