import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { clientApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

/** Of the embedded cluster: it can grow, and has snapshots. XFS, so nothing is smaller than 300Mi. */
const storageClassName = 'airfield-csi';
const claimKind = 'persistentvolumeclaim';

type MountInput = NonNullable<AppSpecInput['mounts']>[number];

interface Claim {
  metadata: { uid: string; ownerReferences?: object[] };
  spec: { resources: { requests: { storage: string } }; dataSource?: { name: string } };
  status: { phase: string; capacity?: { storage: string } };
}
interface Pod {
  metadata: { uid: string };
  status: { podIP: string };
}
interface Snapshot {
  metadata: { name: string };
  spec: { source: { persistentVolumeClaimName: string } };
  status?: { readyToUse?: boolean };
}
interface Status {
  status: { conditions?: { type: string; status: string; reason: string; message: string }[]; release?: object };
}

let operator: OperatorProcess;
let acme: Namespace;

beforeAll(async () => {
  acme = await Namespace.create('volumes');
  operator = await OperatorProcess.startIn(acme);
});
afterAll(async () => {
  await acme.delete();
  await operator.stop();
});

/** An App whose machines have a volume at /data and a shell. */
function store(name: string, mount: Partial<MountInput> = {}, more: Partial<AppSpecInput> = {}): object {
  const mounts = [{ name: 'data', destination: '/data', size: '320Mi', storageClassName, ...mount }];
  return clientApp(name, { mounts, ...more });
}

const machine = (app: string, ordinal = 0) => `${app}-app-${ordinal}`;
const claimOf = (app: string, ordinal = 0) => `data-${machine(app, ordinal)}`;
const shell = (pod: string, script: string) => acme.kubectl(['exec', pod, '--', 'sh', '-c', script]);
const write = (pod: string, text: string) => shell(pod, `echo ${text} > /data/note && sync`);
const readNote = async (pod: string) => (await shell(pod, 'cat /data/note')).trim();
const pod = (name: string) => acme.get<Pod>('pod', name);
const claim = (name: string) => acme.get<Claim>(claimKind, name);
const condition = async (app: string, type: string) =>
  (await acme.get<Status>('app', app)).status.conditions?.find((condition) => condition.type === type);

/** Ready, with the machines of the newest spec. */
async function deploy(app: object): Promise<void> {
  await acme.apply(app);
  const { name } = (app as { metadata: { name: string } }).metadata;
  const generation = async () =>
    (await acme.get<{ metadata: { generation: number } }>('app', name)).metadata.generation;
  await acme.wait(`jsonpath={.status.observedGeneration}=${await generation()}`, `app/${name}`);
  await acme.waitReady(name);
}

async function destroy(app: string): Promise<void> {
  await acme.kubectl(['delete', 'app', app]);
  const gone = async () => (await acme.names('statefulsets', 'pods')).every((name) => !name.includes(`/${app}-app`));
  await until('the machines to be gone', gone);
}

describe.concurrent('a volume that is kept', () => {
  // One step after the other, beside the volumes of the other tests.
  const inOrder = { concurrent: false };

  beforeAll(async () => {
    await deploy(store('kept'));
    await write(machine('kept'), 'precious');
  });

  it('has its data after a release', inOrder, async () => {
    const { metadata } = await pod(machine('kept'));
    await deploy(store('kept', {}, { env: { GREETING: 'hello' } }));
    expect((await pod(machine('kept'))).metadata.uid).not.toBe(metadata.uid);
    expect(await readNote(machine('kept'))).toBe('precious');
  });

  it('has its data after its machine was deleted', inOrder, async () => {
    const { metadata } = await pod(machine('kept'));
    await acme.kubectl(['delete', 'pod', machine('kept')]);
    const isNew = async () => (await pod(machine('kept'))).metadata.uid !== metadata.uid;
    await until('a new machine', () => isNew().catch(() => false));
    await acme.wait('condition=Ready', `pod/${machine('kept')}`);
    expect(await readNote(machine('kept'))).toBe('precious');
  });

  it('has its data after the App was scaled down and up', inOrder, async () => {
    await deploy(store('kept', {}, { count: 0 }));
    await deploy(store('kept', {}, { count: 1 }));
    expect(await readNote(machine('kept'))).toBe('precious');
  });

  it('has its data after the App was deleted and made again', inOrder, async () => {
    const { metadata } = await claim(claimOf('kept'));
    await destroy('kept');
    expect((await claim(claimOf('kept'))).metadata.uid).toBe(metadata.uid);
    await deploy(store('kept'));
    expect(await readNote(machine('kept'))).toBe('precious');
  });

  it('is one for each machine, all of which answer to <app>.internal', inOrder, async () => {
    await deploy(store('kept', {}, { count: 2 }));
    await write(machine('kept', 1), 'another');
    expect(await readNote(machine('kept', 0))).toBe('precious');
    const ips = (await Promise.all([0, 1].map((ordinal) => pod(machine('kept', ordinal))))).map(
      ({ status }) => status.podIP,
    );
    await until('the name to have both addresses', async () => {
      const answer = await shell(machine('kept'), `nslookup kept.internal.${acme.name}.svc.cluster.local || true`);
      return ips.every((ip) => answer.includes(ip));
    });
  });
});

it.concurrent('a volume with `onDelete: delete` is deleted with the App, and not before', async () => {
  const mount = { onDelete: 'delete' as const };
  await deploy(store('passing', mount));
  await until(
    'the App to own it',
    async () => (await claim(claimOf('passing'))).metadata.ownerReferences?.length === 1,
  );
  await deploy(store('passing', mount, { count: 0 }));
  expect(await acme.names(claimKind)).toContain(`${claimKind}/${claimOf('passing')}`);
  await destroy('passing');
  const isGone = async () => !(await acme.names(claimKind)).includes(`${claimKind}/${claimOf('passing')}`);
  await until('the volume to be gone', isGone);
});

describe.concurrent('a volume that grows', () => {
  it('does so under the running machine, and new ones begin with the new size', async () => {
    await deploy(store('grown'));
    await write(machine('grown'), 'precious');
    const { metadata } = await pod(machine('grown'));
    await acme.apply(store('grown', { size: '512Mi' }));
    await until(
      'the volume to have grown',
      async () => (await claim(claimOf('grown'))).status.capacity?.storage === '512Mi',
      90_000,
    );
    const kilobytes = async () => Number((await shell(machine('grown'), "df -k /data | awk 'END {print $2}'")).trim());
    await until('the file system to have grown', async () => (await kilobytes()) > 400_000);
    expect((await pod(machine('grown'))).metadata.uid).toBe(metadata.uid);
    await deploy(store('grown', { size: '512Mi' }, { count: 2 }));
    expect((await claim(claimOf('grown', 1))).spec.resources.requests.storage).toBe('512Mi');
    expect((await pod(machine('grown'))).metadata.uid).toBe(metadata.uid);
    expect(await readNote(machine('grown'))).toBe('precious');
  });

  it('tells where its storage class does not let it', async () => {
    const standard = { storageClassName: 'standard' };
    await deploy(store('fixed', standard));
    await acme.apply(store('fixed', { ...standard, size: '512Mi' }));
    const told = await until('the reason', () => condition('fixed', 'VolumesImpaired'));
    expect(told?.message).toMatch(/^data-fixed-app-0: cannot grow from 320Mi to 512Mi: /);
    await acme.waitReady('fixed');
  });

  it('grows by itself when it fills up, and tells the App', async () => {
    const autoExtend = { threshold: 60, increment: '128Mi', limit: '448Mi' };
    await deploy(store('full', { autoExtend }));
    await shell(machine('full'), 'dd if=/dev/zero of=/data/ballast bs=1M count=220 && sync');
    const size = async () => (await claim(claimOf('full'))).spec.resources.requests.storage;
    await until('the volume to have been extended', async () => (await size()) === '448Mi');
    const told = /volume data-full-app-0 is \d+% full and grows from 320Mi to 448Mi/;
    await until('it to be told', async () => told.test(JSON.stringify(await acme.list('events'))));
    await acme.apply(store('full', { autoExtend }, { env: { GREETING: 'hello' } }));
    await acme.waitReady('full');
    expect(await size()).toBe('448Mi');
  });
});

it.concurrent('a snapshot is made on schedule, and a new App begins with it', async () => {
  await deploy(store('origin'));
  await write(machine('origin'), 'precious');
  await acme.apply(store('origin', { snapshots: { every: '1h' } }));
  const snapshots = () => acme.list<Snapshot>('volumesnapshots', 'airfield.dev/app=origin');
  const made = await until(
    'the snapshot',
    async () => (await snapshots()).find(({ status }) => status?.readyToUse),
    90_000,
  );
  expect(made?.spec.source.persistentVolumeClaimName).toBe(claimOf('origin'));
  await deploy(store('copy', { fromSnapshot: made?.metadata.name ?? '' }));
  expect(await readNote(machine('copy'))).toBe('precious');
  expect(await snapshots()).toHaveLength(1);
});

it.concurrent('a broken release of machines with volumes is taken back, with all their data', async () => {
  await deploy(store('sturdy', {}, { count: 2 }));
  await write(machine('sturdy', 1), 'precious');
  const broken = { image: 'airfield.local/nothing:1', deploy: { waitTimeout: '5s' } };
  await acme.apply(store('sturdy', {}, { count: 2, ...broken }));
  await acme.wait('jsonpath={.status.release.phase}=failed', 'app/sturdy');
  const isWhole = async () => {
    const { status } = await acme.get<{ status: { readyReplicas?: number } }>('statefulset', 'sturdy-app');
    return status.readyReplicas === 2;
  };
  await until('both machines to serve again', isWhole);
  expect(await readNote(machine('sturdy', 1))).toBe('precious');
});

it.concurrent('a mount that is added later is given to each machine, and the data of the first stays', async () => {
  const first = { name: 'data', destination: '/data', size: '320Mi', storageClassName };
  const second = { ...first, name: 'more-data', destination: '/more' };
  await deploy(clientApp('more', { count: 2, mounts: [first] }));
  await write(machine('more'), 'precious');
  await deploy(clientApp('more', { count: 2, mounts: [first, second] }));
  for (const name of [machine('more', 0), machine('more', 1)]) {
    expect(await shell(name, 'grep -c " /more " /proc/mounts')).toContain('1');
    expect((await claim(`more--data-${name}`)).status.phase).toBe('Bound');
  }
  expect(await readNote(machine('more'))).toBe('precious');
});
