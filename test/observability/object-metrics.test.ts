import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { appMetrics, machineMetrics } from '../../src/controller/app-metrics.ts';
import type { StoredObject } from '../../src/controller/caches.ts';
import { certificateMetrics } from '../../src/controller/certificate-metrics.ts';
import { EndCounts } from '../../src/controller/end-counts.ts';
import { scheduleMetrics } from '../../src/controller/schedule-metrics.ts';
import { volumeMetrics } from '../../src/controller/storage-metrics.ts';
import { exposition } from '../../src/exposition.ts';
import { secret, signed } from '../gate/certificates.ts';

const stored = (name: string, status?: object, spec: object = {}): StoredObject => ({
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'App',
  metadata: { name, namespace: 'acme' },
  spec,
  status,
});
/** The lines with samples, without those of others. */
const lines = (text: string, name: string) =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
const condition = (type: string, status: string, reason = 'Because') => ({ type, status, reason, message: '' });

describe('what is told of an App', () => {
  const told = (status?: object, pods: object[] = []) =>
    exposition(appMetrics([stored('web', status)], () => pods as never));

  it('is whether it is ready, also before anything was told of it', () => {
    expect(lines(told(), 'airfield_app_ready')).toEqual(['airfield_app_ready{namespace="acme",app="web"} 0']);
    for (const [status, value] of [
      ['True', 1],
      ['False', 0],
      ['Unknown', 0],
    ] as const) {
      const text = told({ conditions: [condition('Ready', status)] });
      expect(lines(text, 'airfield_app_ready')).toEqual([`airfield_app_ready{namespace="acme",app="web"} ${value}`]);
    }
  });

  it('is which conditions hold', () => {
    const conditions = [
      condition('Ready', 'True'),
      condition('Stalled', 'True', 'ReleaseFailed'),
      condition('VolumesImpaired', 'False'),
    ];
    expect(lines(told({ conditions }), 'airfield_app_condition')).toEqual([
      'airfield_app_condition{namespace="acme",app="web",type="Stalled",reason="ReleaseFailed"} 1',
    ]);
  });

  it('is what its machines do: of those that are missing, the ones in trouble have failed', () => {
    const pod = (process: string, reason?: string) => ({
      metadata: { name: 'p', labels: { 'airfield.dev/process': process } },
      status: { phase: 'Pending', containerStatuses: [{ name: 'app', ready: false, state: { waiting: { reason } } }] },
    });
    const processes = [
      { name: 'app', desired: 5, ready: 2, stopped: 3, suspended: 1 },
      { name: 'worker', desired: 1, ready: 1, stopped: 0 },
      { name: 'asleep', desired: 0, ready: 0, stopped: 1 },
    ];
    const pods = [pod('app', 'CrashLoopBackOff'), pod('app', 'ContainerCreating'), pod('worker', 'CrashLoopBackOff')];
    const of = (process: string) =>
      lines(told({ processes }, pods), 'airfield_app_machines')
        .filter((line) => line.includes(`process="${process}"`))
        .map((line) => line.replace(/.*state="(\w+)"\}/, '$1'));
    expect(of('app')).toEqual(['ready 2', 'starting 2', 'failed 1', 'stopped 2', 'suspended 1']);
    expect(of('asleep')).toEqual(['ready 0', 'stopped 1']);
    expect(of('worker')).toEqual(['ready 1']);
  });

  it('is its release: which, when it ended, and whether it failed', () => {
    const release = { version: 7, image: 'x', phase: 'failed', startedAt: '', finishedAt: '2026-01-01T00:00:00Z' };
    const text = told({ release });
    expect(lines(text, 'airfield_app_release')).toEqual(['airfield_app_release{namespace="acme",app="web"} 7']);
    expect(lines(text, 'airfield_app_release_failed')[0]).toMatch(/ 1$/);
    expect(lines(text, 'airfield_app_release_finished_timestamp_seconds')[0]).toMatch(/ 1767225600$/);
    expect(
      lines(
        told({ release: { ...release, finishedAt: undefined } }),
        'airfield_app_release_finished_timestamp_seconds',
      ),
    ).toEqual([]);
  });

  it('has values as they are written', () => {
    const text = exposition([{ name: 'a', help: 'b', type: 'gauge', samples: [[{ c: 'd"\\\n' }, 1]] }]);
    expect(text).toBe('# HELP a b\n# TYPE a gauge\na{c="d\\"\\\\\\n"} 1\n');
  });
});

it('Machines are counted by App and state', () => {
  const machine = (name: string, state?: string) => stored(name, { state }, { app: 'web' });
  const text = exposition([machineMetrics([machine('a', 'started'), machine('b', 'started'), machine('c')])]);
  expect(lines(text, 'airfield_machines')).toEqual([
    'airfield_machines{namespace="acme",app="web",state="started"} 2',
    'airfield_machines{namespace="acme",app="web",state="created"} 1',
  ]);
});

it('a Schedule tells when it ran, whether that went well, and when it is due', () => {
  const status = {
    conditions: [condition('Ready', 'True'), condition('RunFailed', 'True')],
    running: 1,
    lastRun: { name: 'r', result: 'running', startedAt: '2026-01-01T00:01:00Z' },
    lastSuccess: '2026-01-01T00:00:00Z',
    nextRun: '2026-01-01T00:02:00Z',
  };
  const text = exposition(scheduleMetrics([stored('backup', status, { app: 'web' })]));
  const samples = text.split('\n').filter((line) => line && !line.startsWith('#'));
  const labels = '{namespace="acme",app="web",schedule="backup"}';
  expect(samples.map((line) => line.replace('airfield_schedule_', '').replace(labels, ''))).toEqual([
    'ready 1',
    'last_run_failed 1',
    'last_run_timestamp_seconds 1767225660',
    'last_success_timestamp_seconds 1767225600',
    'next_run_timestamp_seconds 1767225720',
    'running 1',
  ]);
});

it('a volume is known by its claim, with how full it is where that was asked for', () => {
  const claim = (name: string, labels: object) =>
    ({ metadata: { name, namespace: 'acme', labels }, status: { capacity: { storage: '1Gi' } } }) as never;
  const mounted = { 'airfield.dev/app': 'web', 'airfield.dev/mount': 'data' };
  const used = new Map([['acme/data-web-0', { used: 25, capacity: 100 }]]);
  const text = exposition(
    volumeMetrics([claim('data-web-0', mounted), claim('data-web-1', mounted), claim('foreign', {})], used),
  );
  const at = (name: string) => `{namespace="acme",app="web",persistentvolumeclaim="${name}"}`;
  expect(text.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    `airfield_volume_info${at('data-web-0')} 1`,
    `airfield_volume_info${at('data-web-1')} 1`,
    `airfield_volume_capacity_bytes${at('data-web-0')} 1073741824`,
    `airfield_volume_capacity_bytes${at('data-web-1')} 1073741824`,
    `airfield_volume_used_ratio${at('data-web-0')} 0.25`,
  ]);
});

describe('certificates that gates serve', () => {
  const name = 'airfield_certificate_expiry_timestamp_seconds';
  const annotations = { 'airfield.dev/copied-from': 'acme/web/tls' };

  it('tell for each host when they expire', async () => {
    const pair = await signed(['a.example', '*.b.example']);
    const copy = secret('copy', ['a.example', '*.b.example'], pair);
    const metadata = { ...copy.metadata, annotations: { ...copy.metadata.annotations, ...annotations } };
    const expiry = new Date(new X509Certificate(pair.cert).validTo).getTime() / 1000;
    expect(lines(exposition([certificateMetrics([{ ...copy, metadata }])]), name)).toEqual(
      ['a.example', '*.b.example'].map((host) => `${name}{namespace="acme",app="web",host="${host}"} ${expiry}`),
    );
  });

  it('say nothing of what is none, or of nobody', async () => {
    const copy = secret('copy', ['a.example'], await signed(['a.example']));
    const broken = { metadata: { annotations }, data: { 'tls.crt': 'bm9uZQ==' } };
    expect(lines(exposition([certificateMetrics([broken, copy])]), name)).toEqual([]);
  });
});

describe('ends are counted', () => {
  const handlers: Record<string, (key: string, current?: object, previous?: object) => void> = {};
  const informer = (name: string) => ({
    store: { get: () => ({}) },
    onChange: (handler: (typeof handlers)[string]) => {
      handlers[name] = handler;
    },
  });
  const ends = () => {
    const counts = new EndCounts();
    counts.watch({ apps: informer('apps'), schedules: informer('schedules'), jobs: informer('jobs') } as never);
    const text = () => exposition(counts.families([stored('web')], [stored('backup', {}, { app: 'web' })]));
    return { of: (name: string) => lines(text(), name).map((line) => line.replace(/.*result="(\w+)"\}/, '$1')) };
  };
  const release = (version: number, phase: string) => stored('web', { release: { version, phase } });

  it('of releases: each once, and none that ended before', () => {
    const { of } = ends();
    const seen = (current?: object, previous?: object) => handlers.apps?.('acme/web', current, previous);
    seen(release(1, 'complete'));
    expect(of('airfield_releases_total')).toEqual(['complete 0', 'failed 0']);
    seen(release(2, 'rollout'), release(1, 'complete'));
    seen(release(2, 'complete'), release(2, 'rollout'));
    seen(release(2, 'complete'), release(2, 'complete'));
    seen(release(3, 'failed'), release(2, 'complete'));
    expect(of('airfield_releases_total')).toEqual(['complete 1', 'failed 1']);
    seen(undefined, release(3, 'failed'));
    expect(of('airfield_releases_total')).toEqual(['complete 0', 'failed 0']);
  });

  it('of runs', () => {
    const { of } = ends();
    const job = (type?: string, labels: object = { 'airfield.dev/schedule': 'backup' }) => ({
      metadata: { name: 'j', namespace: 'acme', labels },
      status: { conditions: type ? [{ type, status: 'True' }] : [] },
    });
    handlers.jobs?.('acme/j', job('Complete'));
    handlers.jobs?.('acme/j', job('Complete'), job());
    handlers.jobs?.('acme/j', job('Complete'), job('Complete'));
    handlers.jobs?.('acme/k', job('Failed'), job());
    handlers.jobs?.('acme/l', job('Failed', {}), job());
    expect(of('airfield_schedule_runs_total')).toEqual(['succeeded 1', 'failed 1']);
  });
});
