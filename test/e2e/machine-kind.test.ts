import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineSpecInput } from '../../src/api/machine.ts';
import { clientApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { forEver, patchMachine, reaches, readMachine, readyOf, restartMachine, shellMachine } from './machine-kind.ts';
import { OperatorProcess } from './operator.ts';

interface Pod {
  metadata: { name: string; creationTimestamp: string; deletionTimestamp?: string };
  status: { podIP: string; phase: string };
}

let operator: OperatorProcess;
let acme: Namespace;

const hello = () => clientApp('hello', { primaryRegion: 'iad', processes: [{ name: 'app', count: 0 }] });

beforeAll(async () => {
  acme = await Namespace.create('machine');
  operator = await OperatorProcess.startIn(acme);
  await acme.apply(hello());
});
afterAll(async () => {
  await acme.delete();
  await operator.stop();
});

/** Those that are there to stay: one of the Machine before may still be on its way out. */
const podsOf = async (machine: string) =>
  (await allPodsOf(machine)).filter(({ metadata }) => !metadata.deletionTimestamp);
const allPodsOf = (machine: string) => acme.list<Pod>('pods', `airfield.dev/machine=${machine}`);
async function shell(machine: string, script: string): Promise<string> {
  const pod = (await podsOf(machine)).find(({ status }) => status.phase === 'Running');
  return acme.kubectl(['exec', pod?.metadata.name ?? '', '--', 'sh', '-c', script]);
}
const apply = (name: string, script: string, spec: Partial<MachineSpecInput> = {}) =>
  acme.apply(shellMachine(name, script, spec));

describe.concurrent('a Machine', () => {
  it('has an id for life and a version for each update, and its program knows both', async () => {
    await apply('known', forEver, { env: { OWN: '1' } });
    const first = await reaches(acme, 'known', 'started');
    expect(first.id).toMatch(/^[0-9a-f]{14}$/);
    const env = async () => (await shell('known', 'env')).split('\n');
    const [pod] = await podsOf('known');
    const told = [`FLY_MACHINE_ID=${first.id}`, `FLY_ALLOC_ID=${first.id}`, `FLY_MACHINE_VERSION=${first.version}`];
    const place = [
      'FLY_APP_NAME=hello',
      'FLY_REGION=iad',
      'FLY_PROCESS_GROUP=app',
      `FLY_PRIVATE_IP=${pod?.status.podIP}`,
    ];
    expect(await env()).toEqual(expect.arrayContaining([...told, ...place, 'OWN=1']));
    expect(first).toMatchObject({
      privateIP: pod?.status.podIP,
      region: 'iad',
      image: 'airfield.local/client:1',
      release: 1,
    });

    await patchMachine(acme, 'known', { env: { OWN: '2' } });
    const second = await reaches(acme, 'known', 'started', ({ version }) => version !== first.version);
    expect(second.id).toBe(first.id);
    expect(await env()).toEqual(expect.arrayContaining(['OWN=2', `FLY_MACHINE_VERSION=${second.version}`]));
    expect(await podsOf('known')).toHaveLength(1);

    const [running] = await podsOf('known');
    await patchMachine(acme, 'known', { metadata: { team: 'a' }, cordoned: true });
    await reaches(acme, 'known', 'started');
    expect(await podsOf('known')).toMatchObject([{ metadata: { name: running?.metadata.name } }]);
  });

  it('answers to the name of its App, unless it is not to be registered', async () => {
    await apply('named', forEver);
    await apply('unnamed', forEver, { dns: { skipRegistration: true } });
    await reaches(acme, 'unnamed', 'started');
    const { privateIP } = await reaches(acme, 'named', 'started');
    const addresses = () => shell('named', `nslookup hello.internal.${acme.name}.svc.cluster.local || true`);
    await until('its address', async () => (await addresses()).includes(`${privateIP}`));
    const other = (await readMachine(acme, 'unnamed')).status.privateIP;
    expect(await addresses()).not.toContain(`${other}`);
  });

  it('waits for its App, and goes on by itself when that appears', async () => {
    await apply('early', forEver, { app: 'late' });
    await until('the reason', async () => readyOf((await readMachine(acme, 'early')).status)?.reason === 'AppNotFound');
    expect((await readMachine(acme, 'early')).status.state).toBe('created');
    await acme.apply(clientApp('late', { processes: [{ name: 'app', count: 0 }] }));
    await reaches(acme, 'early', 'started');
    await acme.kubectl(['delete', 'app', 'late']);
    await patchMachine(acme, 'early', { state: 'stopped' });
    await reaches(acme, 'early', 'stopped');
    await until('no pod', async () => (await allPodsOf('early')).length === 0);
  });

  it('without an image of its own follows that of its App', async () => {
    await acme.apply(clientApp('followed', { processes: [{ name: 'app', count: 0 }] }));
    await acme.apply(shellMachine('follower', forEver, { app: 'followed', image: undefined }));
    const { version } = await reaches(acme, 'follower', 'started');
    await acme.apply(
      clientApp('followed', { image: 'airfield.local/hello:1', processes: [{ name: 'app', count: 0 }] }),
    );
    const followed = await until('a new version', async () => {
      const { status } = await readMachine(acme, 'follower');
      return status.version === version ? undefined : status;
    });
    expect(followed).toMatchObject({ image: 'airfield.local/hello:1', release: 2 });
  });
});

describe.concurrent('a program that ends', () => {
  it('tells its exit code and its last words, and is not started again', async () => {
    await apply('migration', 'echo no money; exit 7', { restart: { policy: 'no' } });
    const status = await reaches(acme, 'migration', 'stopped');
    expect(status).toMatchObject({ exitCode: 7, restarts: 0 });
    expect(readyOf(status)).toMatchObject({ status: 'False', reason: 'ExitedWithError' });
    expect(readyOf(status)?.message).toContain('exit code 7; it said: no money');
    expect(await podsOf('migration')).toHaveLength(1);
    expect(await acme.kubectl(['get', 'afm', 'migration'])).toMatch(
      /stopped\s+False\s+ExitedWithError\s+hello\s+\w{14}\s+7/,
    );
    await restartMachine(acme, 'migration', '1');
    const again = await reaches(acme, 'migration', 'stopped', ({ run }) => run?.number === 2);
    expect(again.events?.map(({ type }) => type)).toEqual(['exit', 'start', 'restart', 'exit', 'start', 'launch']);
    expect(again.version).toBe(status.version);
  });

  it('well is Ready', async () => {
    await apply('done', 'exit 0', { restart: { policy: 'onFailure' } });
    expect(readyOf(await reaches(acme, 'done', 'stopped'))).toMatchObject({ status: 'True', reason: 'Exited' });
  });

  it('badly is started again as often as it may', async () => {
    await apply('retried', 'exit 5', { restart: { policy: 'onFailure', maxRetries: 2 } });
    const status = await reaches(acme, 'retried', 'stopped');
    expect(status).toMatchObject({ exitCode: 5, restarts: 2 });
    expect(await podsOf('retried')).toHaveLength(3);
    const exits = (status.events ?? []).filter(({ type }) => type === 'exit');
    expect(exits.map(({ exit }) => exit?.restarting)).toEqual([false, true, true]);
    const times = status.events?.map(({ timestamp }) => timestamp) ?? [];
    expect(times).toEqual([...times].sort().reverse());
  });

  it('of hunger says so', async () => {
    const eat = 'x=a; while true; do x=$x$x; done';
    await apply('hungry', eat, { restart: { policy: 'no' }, vm: { memory: '16Mi' } });
    const status = await reaches(acme, 'hungry', 'stopped');
    expect(status.events?.[0]?.exit).toMatchObject({ oomKilled: true, exitCode: 137, signal: 9 });
  });
});

it.concurrent('a Machine that always ran may become one that ends, and the other way round', async () => {
  await apply('turned', forEver);
  await reaches(acme, 'turned', 'started');
  await apply('turned', 'exit 0', { restart: { policy: 'no' } });
  expect(await reaches(acme, 'turned', 'stopped')).toMatchObject({ exitCode: 0, run: { number: 2 } });
  const kinds = () => acme.kubectl(['get', 'deploy,jobs', '-l', 'airfield.dev/machine=turned', '-o', 'name']);
  expect(await kinds()).toMatch(/^job\.batch\/turned-\S+\n$/);
  await apply('turned', forEver);
  await reaches(acme, 'turned', 'started');
  expect(await kinds()).toMatch(/^deployment\.apps\/turned-\S+\n$/);
});

describe.concurrent('the volume of a Machine', () => {
  const mounts = [{ name: 'data', destination: '/data', size: '1Mi' }];
  const addTo = (policy: 'always' | 'no') => ({ mounts, restart: { policy } });

  it('stays with it when it is stopped, updated and made anew', async () => {
    await apply('kept', `echo run >> /data/runs; ${forEver}`, addTo('always'));
    await reaches(acme, 'kept', 'started');
    await patchMachine(acme, 'kept', { state: 'stopped' });
    await reaches(acme, 'kept', 'stopped');
    await patchMachine(acme, 'kept', { state: 'started', env: { AGAIN: '1' } });
    const { id } = await reaches(acme, 'kept', 'started');
    await acme.kubectl(['delete', 'machine', 'kept']);
    await apply('kept', `echo run >> /data/runs; ${forEver}`, addTo('always'));
    const after = await reaches(acme, 'kept', 'started');
    expect(after.id).not.toBe(id);
    expect(await shell('kept', 'wc -l < /data/runs')).toBe('3\n');
  });

  it('goes with it where that is asked for', async () => {
    await apply('gone', 'exit 0', { mounts: [{ ...mounts[0]!, onDelete: 'delete' }], restart: { policy: 'no' } });
    await reaches(acme, 'gone', 'stopped');
    const claims = () => acme.kubectl(['get', 'pvc', '-l', 'airfield.dev/machine=gone', '-o', 'name']);
    expect(await claims()).not.toBe('');
    await acme.kubectl(['delete', 'machine', 'gone']);
    await until('no claim', async () => (await claims()) === '');
  });
});

it.concurrent('a Machine that is deleted leaves nothing behind', async () => {
  await apply('leaving', forEver, { files: [{ path: '/etc/app.conf', content: 'x' }] });
  await reaches(acme, 'leaving', 'started');
  expect(await shell('leaving', 'cat /etc/app.conf')).toBe('x');
  await acme.kubectl(['delete', 'machine', 'leaving']);
  const left = () =>
    acme.kubectl(['get', 'deploy,rs,pods,jobs,cm,pvc', '-l', 'airfield.dev/machine=leaving', '-o', 'name']);
  await until('nothing to be left', async () => (await left()) === '');
});
