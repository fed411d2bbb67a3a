import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import { clientApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string> };
  status: { phase: string };
}

let operator: OperatorProcess;
let namespace: Namespace;

beforeAll(async () => {
  namespace = await Namespace.create('run-once');
  operator = await OperatorProcess.startIn(namespace);
});
afterAll(async () => {
  await namespace.delete();
  await operator.stop();
});

const shell = (script: string, restart: AppSpecInput['restart'], count = 1): Partial<AppSpecInput> => ({
  restart,
  processes: [{ name: 'app', count, command: ['sh', '-c', script] }],
  deploy: { waitTimeout: '90s' },
});
const apply = (name: string, ...spec: Parameters<typeof shell>) => namespace.apply(clientApp(name, shell(...spec)));

const podsOf = (app: string) => namespace.list<Pod>('pods', `airfield.dev/app=${app}`);

async function statusOf(app: string): Promise<AppStatus> {
  return (await namespace.get<{ status: AppStatus }>('app', app)).status;
}

/** Waits until `Ready` has this reason, and gives back its message. */
async function told(app: string, reason: string): Promise<string> {
  const found = await until(`${app} to say ${reason}`, async () =>
    (await statusOf(app)).conditions?.find((one) => one.type === 'Ready' && one.reason === reason),
  );
  return found?.message ?? '';
}

describe.concurrent('a program that is not started again', () => {
  it('runs once in each machine and stays ended, and its App is Ready', async () => {
    await apply('ends', 'sleep 2', { policy: 'no' }, 2);
    expect(await told('ends', 'Ended')).toBe('all 2 machines have ended well');
    const { processes, release } = await statusOf('ends');
    expect(processes).toMatchObject([{ name: 'app', desired: 0, ready: 0, stopped: 2 }]);
    expect(release).toMatchObject({ version: 1, phase: 'complete' });
    expect((await podsOf('ends')).map(({ status }) => status.phase)).toEqual(['Succeeded', 'Succeeded']);
  });

  it('fails its release when it fails, with its last words', async () => {
    await apply('fails', 'echo no money; exit 7', { policy: 'no' });
    expect(await told('fails', 'ReleaseFailed')).toMatch(/exit code 7; it said: no money/);
  });

  it('that fails later on makes its App Stalled', async () => {
    await apply('dies', 'until test -e /tmp/over; do sleep 0.2; done; echo no money; exit 7', { policy: 'no' });
    await until('the release to be out', async () => (await statusOf('dies')).release?.phase === 'complete');
    const [pod] = await podsOf('dies');
    await namespace.kubectl(['exec', pod?.metadata.name ?? '', '--', 'touch', '/tmp/over']);
    expect(await told('dies', 'MachineFailed')).toMatch(/exit code 7; it said: no money/);
    expect((await statusOf('dies')).release?.phase).toBe('complete');
  });

  it('takes other numbers of machines while it runs, and each release runs it anew', async () => {
    await apply('runs', 'exec sleep 86400', { policy: 'no' }, 1);
    await namespace.waitReady('runs');
    const [first] = await podsOf('runs');
    await apply('runs', 'exec sleep 86400', { policy: 'no' }, 3);
    await until('three machines', async () => (await statusOf('runs')).machines === '3/3');
    expect((await podsOf('runs')).map(({ metadata }) => metadata.uid)).toContain(first?.metadata.uid);
    expect((await statusOf('runs')).release?.version).toBe(1);

    await apply('runs', 'exec sleep 86401', { policy: 'no' }, 2);
    const versions = async () =>
      (await podsOf('runs')).map(({ metadata }) => metadata.labels['airfield.dev/release']).join();
    await until('only machines of release 2', async () => (await versions()) === '2,2');
    expect((await statusOf('runs')).release).toMatchObject({ version: 2, phase: 'complete' });
  });
});

describe.concurrent('a program that is started again when it has failed', () => {
  it('comes back until it ends well, in the same release', async () => {
    const phases = async () => (await podsOf('retries')).map(({ status }) => status.phase);
    const verdict = (text: string) =>
      namespace.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'verdict' }, data: { text } });
    await verdict('fail');
    const spec = shell('sleep 1; grep -q end /etc/verdict || exit 5', { policy: 'onFailure' });
    const files = [{ path: '/etc/verdict', configMapKeyRef: { name: 'verdict', key: 'text' } }];
    await namespace.apply(clientApp('retries', { ...spec, files }));
    await until('a machine that has failed', async () => (await phases()).includes('Failed'));
    await verdict('end');
    expect(await told('retries', 'Ended')).toBe('its machine has ended well');
    expect(await phases()).toEqual(expect.arrayContaining(['Failed', 'Succeeded']));
    expect((await statusOf('retries')).release?.version).toBe(1);
  });

  it('comes back as often as it may, and not more', async () => {
    await apply('gives-up', 'sleep 1; exit 5', { policy: 'onFailure', retries: 1 });
    expect(await told('gives-up', 'ReleaseFailed')).toContain('exit code 5');
    expect((await podsOf('gives-up')).map(({ status }) => status.phase)).toEqual(['Failed', 'Failed']);
  });
});
