import { expect, it } from 'vitest';
import { asStored } from '../../src/controller/releases.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import type { ReleasePlan } from '../../src/release/plan.ts';
import { anApp, aRelease } from '../desired/app-fixture.ts';

const app = anApp();
const old = { ...aRelease(app, 1), startedAt: '2026-01-01T00:00:00Z' };
const current = { ...aRelease(app, 2), startedAt: '2026-01-02T00:00:00Z' };
const plan = { current, serving: old, releases: [old, current] } as unknown as ReleasePlan;

const revision = (version: number, creationTimestamp: string): KubeObject => {
  const metadata = { name: `hello-r${version}`, namespace: 'acme', creationTimestamp };
  return { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision: version } as KubeObject;
};

it('a release has the time at which it was stored, in the status of the look that has made it, too', () => {
  const stored = asStored(plan, [revision(2, '2026-01-02T00:00:01Z')]);
  expect(stored.current).toEqual({ ...current, startedAt: '2026-01-02T00:00:01Z' });
  expect(stored.releases).toEqual([old, stored.current]);
  expect(stored.serving).toBe(old);
});

it('a release that serves by now is the same one in both places', () => {
  const stored = asStored({ ...plan, serving: current }, [revision(2, '2026-01-02T00:00:01Z')]);
  expect(stored.serving).toBe(stored.current);
});

it('a look that stores nothing, or another release, changes no time', () => {
  expect(asStored(plan, [])).toBe(plan);
  expect(asStored(plan, [revision(1, '2026-01-02T00:00:01Z')])).toBe(plan);
});
