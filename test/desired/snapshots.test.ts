import { describe, expect, it } from 'vitest';
import type { ObservedSnapshot } from '../../src/api/volume.ts';
import { volumesOf } from '../../src/desired/claims.ts';
import { snapshotPlan } from '../../src/desired/snapshots.ts';
import { aClaim, appWithData, aSnapshot } from './volumes-fixture.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const hourMs = 3_600_000;
const daily = appWithData({ snapshots: { every: '24h', retentionDays: 5 } });

function plan(app: typeof daily, claims: ReturnType<typeof aClaim>[], snapshots: ObservedSnapshot[]) {
  const { make, remove, nextInMs } = snapshotPlan(app, volumesOf(app, claims), snapshots, now);
  return {
    make: make.map(({ metadata }) => metadata.name),
    remove: remove.map(({ metadata }) => metadata.name),
    ...(nextInMs !== undefined && { nextInHours: nextInMs / hourMs }),
  };
}

describe('snapshots on a schedule', () => {
  it('begin at once, named after the volume and the minute', () => {
    expect(plan(daily, [aClaim()], [])).toEqual({ make: ['data-hello-app-0-20260102t0304'], remove: [] });
    const [snapshot] = snapshotPlan(daily, volumesOf(daily, [aClaim()]), [], now).make;
    expect(snapshot).toMatchObject({
      metadata: {
        namespace: 'acme',
        labels: {
          'app.kubernetes.io/managed-by': 'airfield',
          'airfield.dev/app': 'hello',
          'airfield.dev/mount': 'data',
          'airfield.dev/process': 'app',
        },
      },
      spec: { source: { persistentVolumeClaimName: 'data-hello-app-0' } },
    });
  });

  it('go on when the newest is older than `every`, whatever the order in which they are listed', () => {
    const history = [aSnapshot(48, now), aSnapshot(20, now), aSnapshot(30, now)];
    expect(plan(daily, [aClaim()], history)).toEqual({ make: [], remove: [], nextInHours: 4 });
    expect(plan(daily, [aClaim()], [aSnapshot(24, now)])).toMatchObject({ make: ['data-hello-app-0-20260102t0304'] });
  });

  it('are not made of a mount that asks for none, nor of a volume that there is not yet', () => {
    expect(plan(appWithData(), [aClaim()], [])).toEqual({ make: [], remove: [] });
    expect(plan(daily, [{ ...aClaim(), status: { phase: 'Pending' } }], [])).toEqual({ make: [], remove: [] });
  });

  it('are deleted after `retentionDays`', () => {
    const history = [121, 119, 47, 23].map((hours) => aSnapshot(hours, now));
    expect(plan(daily, [aClaim()], history)).toEqual({ make: [], remove: ['121h'], nextInHours: 1 });
  });

  it('keep the newest, and the newest that can be restored, however old', () => {
    const failed = { error: { message: 'no space' } };
    const history = [aSnapshot(300, now, failed), aSnapshot(400, now), aSnapshot(500, now)];
    expect(plan(daily, [aClaim()], history)).toMatchObject({ remove: ['500h'] });
  });

  it('of a volume that is gone are deleted alike, but for the last', () => {
    const history = [aSnapshot(200, now), aSnapshot(300, now)];
    expect(plan(daily, [], history)).toEqual({ make: [], remove: ['300h'] });
  });

  it('stay when the mount has no schedule any more', () => {
    expect(plan(appWithData(), [aClaim()], [aSnapshot(200, now), aSnapshot(300, now)]).remove).toEqual([]);
  });

  it('that are being deleted do not count', () => {
    const gone = aSnapshot(1, now);
    const deleted = { ...gone, metadata: { ...gone.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' } };
    expect(plan(daily, [aClaim()], [deleted])).toMatchObject({ make: ['data-hello-app-0-20260102t0304'], remove: [] });
  });
});
