import { describe, expect, it } from 'vitest';
import type { ObservedJob, ObservedPod } from '../../src/api/kubernetes.ts';
import { commandVerdict } from '../../src/release/command.ts';
import { anApp, aRelease } from '../desired/app-fixture.ts';

const release = aRelease(anApp({ deploy: { releaseCommand: ['migrate'], releaseCommandTimeout: '10m' } }), 2);
const labels = { 'airfield.dev/release': '2', 'airfield.dev/role': 'release-command' };
const begun = Date.parse(release.journal.since);

const podIn = (state: object) =>
  ({
    metadata: { name: 'hello-release-1', labels },
    status: { containerStatuses: [{ state }] },
  }) as unknown as ObservedPod;
const jobWith = (type: string, reason: string, version = '2') =>
  ({
    metadata: { labels: { ...labels, 'airfield.dev/release': version } },
    status: { conditions: [{ type, reason, status: 'True' }] },
  }) as unknown as ObservedJob;

function verdictAfter(seconds: number, job?: ObservedJob, ...pods: ObservedPod[]) {
  return commandVerdict({ release, job, pods, waitTimeout: '5m', now: new Date(begun + seconds * 1000) });
}

describe('a release command', () => {
  it('has waitTimeout to start', () => {
    expect(verdictAfter(299)).toEqual({ outcome: 'waiting', until: new Date(begun + 300_000) });
    expect(verdictAfter(300)).toMatchObject({ outcome: 'failed', reason: 'Timeout' });
    const missing = podIn({ waiting: { reason: 'ImagePullBackOff', message: 'no such image' } });
    expect(verdictAfter(300, undefined, missing)).toMatchObject({
      outcome: 'failed',
      reason: 'ImagePullBackOff',
      message: expect.stringContaining('does not start: machine hello-release-1'),
    });
  });

  it('is not waited for by the clock once it runs: its Job has the deadline', () => {
    expect(verdictAfter(301, undefined, podIn({ running: {} }))).toEqual({ outcome: 'waiting', until: undefined });
  });

  it('that fails tells its exit code and its last words', () => {
    const ended = podIn({ terminated: { exitCode: 3, message: 'no database\n' } });
    expect(verdictAfter(1, jobWith('Failed', 'BackoffLimitExceeded'), ended)).toMatchObject({
      reason: 'ReleaseCommandFailed',
      message: expect.stringContaining('exit code 3; it said: no database'),
    });
    expect(verdictAfter(1, jobWith('Failed', 'DeadlineExceeded'))).toMatchObject({
      reason: 'ReleaseCommandTimedOut',
      message: expect.stringContaining('10m'),
    });
  });

  it('is not judged by what became of that of another release', () => {
    expect(verdictAfter(1, jobWith('Complete', '', '1'))).toMatchObject({ outcome: 'waiting' });
    expect(verdictAfter(1, jobWith('Complete', ''))).toEqual({ outcome: 'done' });
  });
});
