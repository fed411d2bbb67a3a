import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredObject } from '../../src/controller/caches.ts';
import { StatusWriter } from '../../src/controller/status-writer.ts';
import type { Client } from '../../src/kube/client.ts';
import type { EventRecorder, Occurrence } from '../../src/kube/events.ts';

let version: number;
let told: string[];
let writer: StatusWriter;

beforeEach(() => {
  version = 1;
  told = [];
  // The API server gives a status that is the same no new version.
  const apply = async (_: unknown, object: StoredObject) => {
    const metadata = { ...object.metadata, resourceVersion: `${version}` };
    return { ...object, metadata };
  };
  const record = (_: unknown, { reason }: Occurrence) => told.push(reason);
  writer = new StatusWriter({ client: { apply } as unknown as Client, events: { record } as unknown as EventRecorder });
});

const ready = (status: string, reason: string) => ({
  conditions: [{ type: 'Ready', status, reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
});
const app = (status?: object): StoredObject => ({
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'App',
  metadata: { name: 'hello', namespace: 'acme', resourceVersion: '1' },
  status,
});
const write = (stored: StoredObject, status: ReturnType<typeof ready>) => writer.write(stored, status as never);

describe('an object whose status was written', () => {
  it('is behind for as long as the cache has the one from before', async () => {
    const stored = app();
    expect(writer.isBehind(stored)).toBe(false);
    version = 2;
    await write(stored, ready('True', 'Running'));
    expect(writer.isBehind(stored)).toBe(true);
    expect(writer.isBehind(app(ready('True', 'Running')))).toBe(false);
  });

  it('is not behind where the API server had that status already, and so will not tell of it', async () => {
    const stored = app();
    await write(stored, ready('True', 'Running'));
    expect(writer.isBehind(stored)).toBe(false);
  });

  it('is not behind where nothing had to be written', async () => {
    const stored = app(ready('True', 'Running'));
    expect(await write(stored, ready('True', 'Running'))).toBeUndefined();
    expect(writer.isBehind(stored)).toBe(false);
  });
});

describe('an Event', () => {
  it('tells how it came out, not that something is on its way', async () => {
    await write(app(), ready('Unknown', 'Releasing'));
    await write(app(ready('Unknown', 'Releasing')), ready('True', 'Running'));
    await write(app(ready('True', 'Running')), ready('Unknown', 'Releasing'));
    await write(app(ready('Unknown', 'Releasing')), ready('False', 'ReleaseFailed'));
    expect(told).toEqual(['Running', 'ReleaseFailed']);
  });
});
