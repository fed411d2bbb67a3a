import { describe, expect, it } from 'vitest';
import { createCaches } from '../../src/controller/caches.ts';
import { type Controllers, wake } from '../../src/controller/wake.ts';
import { Client } from '../../src/kube/client.ts';
import { silent } from '../../src/kube/log.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { anonymous } from '../kube/fake-api.ts';

/** What a change of a Job puts into the queues. */
function wokenByJob(metadata: Partial<KubeObject['metadata']>): string[] {
  const caches = createCaches({ client: new Client({ auth: anonymous(new URL('http://127.0.0.1:1')) }), log: silent });
  const woken: string[] = [];
  const queue = (name: string) => ({ enqueue: (key: string) => void woken.push(`${name} ${key}`) });
  const names = ['app', 'machine', 'schedule', 'secret', 'namespace', 'certificate'] as const;
  const tellers: ((key: string, current: KubeObject) => void)[] = [];
  caches.jobs.onChange = (handler) => {
    tellers.push((key, current) => handler(key, current as never, undefined));
    return () => {};
  };
  wake(caches, Object.fromEntries(names.map((name) => [name, queue(name)])) as unknown as Controllers);
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job', namespace: 'acme', ...metadata } };
  for (const tell of tellers) tell('acme/job', job);
  return woken;
}

const ownedBy = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'x/v1', kind, name, uid: 'u', controller: true }],
});

describe('a change of a Job', () => {
  it('wakes the App that owns it', () => expect(wokenByJob(ownedBy('App', 'hello'))).toEqual(['app acme/hello']));

  it('wakes the Schedule whose run it is, which owns only the CronJob that made it', () => {
    const labels = { 'airfield.dev/app': 'hello', 'airfield.dev/schedule': 'backup' };
    expect(wokenByJob({ ...ownedBy('CronJob', 'backup'), labels })).toEqual(['schedule acme/backup']);
  });
});
