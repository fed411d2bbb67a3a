import { describe, expect, it } from 'vitest';
import { volumesClaim, volumeTroubles } from '../../src/status/volumes.ts';
import { aClaim, appWithData, aSnapshot } from '../desired/volumes-fixture.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const daily = appWithData({ snapshots: {} });

describe('what is wrong with volumes', () => {
  it('is nothing as a rule', () => {
    const failedOnce = aSnapshot(30, now, { error: { message: 'busy' } });
    expect(volumeTroubles(daily, { claims: [aClaim()], snapshots: [failedOnce, aSnapshot(2, now)] })).toEqual([]);
    expect(volumeTroubles(appWithData(), { claims: [], snapshots: undefined })).toEqual([]);
    expect(volumesClaim([])).toEqual([]);
  });

  it('is that the storage is gone, or could not grow', () => {
    const lost = { ...aClaim(), status: { phase: 'Lost' } };
    const conditions = [{ type: 'ControllerResizeError', status: 'True', message: 'the disk is full' }];
    const stuck = { ...aClaim(), status: { phase: 'Bound', conditions } };
    expect(volumeTroubles(daily, { claims: [lost, stuck], snapshots: [] })).toEqual([
      { volume: 'data-hello-app-0', message: 'its PersistentVolume is gone' },
      { volume: 'data-hello-app-0', message: 'cannot grow: the disk is full' },
    ]);
  });

  it('is that the newest snapshot failed, or that there can be none', () => {
    const failed = aSnapshot(1, now, { readyToUse: false, error: { message: 'no snapshot class' } });
    expect(volumeTroubles(daily, { claims: [], snapshots: [aSnapshot(20, now), failed] })).toEqual([
      { volume: 'data-hello-app-0', message: 'snapshot 1h failed: no snapshot class' },
    ]);
    expect(volumeTroubles(daily, { claims: [], snapshots: undefined })).toEqual([
      { volume: 'data', message: expect.stringContaining('install the CSI snapshot controller') },
    ]);
  });

  it('is told in one condition, which is there only then', () => {
    const problems = [
      { volume: 'a', message: 'cannot grow' },
      { volume: 'b', message: 'is lost' },
    ];
    expect(volumesClaim(problems)).toEqual([
      { type: 'VolumesImpaired', status: 'True', reason: 'VolumeProblem', message: 'a: cannot grow; b: is lost' },
    ]);
  });
});
