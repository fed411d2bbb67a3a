import { beforeEach, expect, it } from 'vitest';
import type { StoredObject } from '../../src/controller/caches.ts';
import { machineLife } from '../../src/controller/machine-life.ts';
import { settings } from '../desired/app-fixture.ts';
import { aMachine, launched, withStatus } from '../desired/machine-fixture.ts';

const empty = { store: { get: () => undefined, byIndex: () => [], list: () => [] } };
/** A cluster with nothing in it. */
const caches = new Proxy({}, { get: () => empty });

const minute = 60_000;
const since = Date.UTC(2026, 0, 1);
let deleted: object[];
let live: ReturnType<typeof machineLife>;

beforeEach(() => {
  deleted = [];
  const client = {
    delete: async (_: unknown, ref: object, options: object) => void deleted.push({ ...ref, ...options }),
  };
  const gone = { of: () => [], forget: () => undefined };
  const checks = { keep: () => undefined, results: () => [] };
  const children = { apply: async () => [] };
  live = machineLife({ client, gone, checks, children, caches, settings } as never);
});

/** What is made of a destroyed Machine so long after that. */
function later(minutes: number) {
  const stateSince = new Date(since).toISOString();
  const machine = withStatus(launched(aMachine({ autoDestroy: true })), {
    state: 'destroyed',
    stateSince,
    restarts: 0,
  });
  const { name, namespace, uid } = machine.metadata;
  const stored = { kind: 'Machine', metadata: { name, namespace, uid } } as StoredObject;
  const now = new Date(since + minutes * minute);
  return live({ ...machine, key: 'acme/one', stored, now, signal: new AbortController().signal });
}

it('a destroyed Machine can be looked at for ten minutes, and is deleted then, and no other one of its name', async () => {
  expect(await later(4)).toMatchObject({ status: { state: 'destroyed' }, requeueAfterMs: 6 * minute });
  expect(deleted).toEqual([]);
  await later(10);
  expect(deleted).toEqual([expect.objectContaining({ name: 'one', uid: aMachine().metadata.uid })]);
});
