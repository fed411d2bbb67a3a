import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientApp } from './apps.ts';
import { kubectl, Namespace, refusal, until } from './kubectl.ts';
import { changed, filed, keys, secretBytes, service, settings, shellLess } from './machine-apps.ts';
import { OperatorProcess } from './operator.ts';

interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
}
interface Pod {
  metadata: { name: string; annotations?: Record<string, string> };
  status: { podIP: string; containerStatuses?: ContainerStatus[] };
}
interface Condition {
  type: string;
  reason: string;
  message: string;
}
interface Slice {
  endpoints: { targetRef: { name: string }; conditions: { ready: boolean } }[] | null;
}

let operator: OperatorProcess;
let acme: Namespace;

const podsOf = (name: string) => acme.list<Pod>('pods', `airfield.dev/app=${name}`);
const shell = (pod: string, container: string, script: string) =>
  acme.kubectl(['exec', pod, '--container', container, '--', 'sh', '-c', script]);
const ready = async (name: string): Promise<Condition | undefined> =>
  (await acme.get<{ status: { conditions?: Condition[] } }>('app', name)).status.conditions?.find(
    ({ type }) => type === 'Ready',
  );

/** The machines that the Services of these Apps lead to. */
async function inTraffic(...names: string[]): Promise<string[]> {
  const selector = `kubernetes.io/service-name in (${names})`;
  const slices = await acme.list<Slice>('endpointslices', selector);
  const endpoints = slices.flatMap(({ endpoints }) => endpoints ?? []);
  return endpoints.filter(({ conditions }) => conditions.ready).map(({ targetRef }) => targetRef.name);
}

/** Waits until release `version` is complete. */
async function released(name: string, version: number): Promise<void> {
  for (const [field, value] of Object.entries({ version, phase: 'complete' }))
    await acme.wait(`jsonpath={.status.release.${field}}=${value}`, `app/${name}`);
}

const checks = ['/first', '/second'].map((path) => ({ type: 'http' as const, path, interval: '1s', timeout: '1s' }));
const signals = { sigint: undefined, sigquit: 'SIGQUIT', sigusr2: 'SIGUSR2', sigterm: 'SIGTERM' } as const;

beforeAll(async () => {
  acme = await Namespace.create('machine');
  operator = await OperatorProcess.startIn(acme);
  await acme.apply(settings, keys);
  await acme.apply(
    filed(),
    changed('first'),
    clientApp('missing', {
      files: [{ path: '/etc/token', secretKeyRef: { name: 'late', key: 'token' } }],
      deploy: { waitTimeout: '20s' },
    }),
    shellLess('checked', {
      services: [{ ...service, checks }],
      killTimeout: '2m',
      deploy: { waitTimeout: '40s' },
    }),
    shellLess('scaled', { processes: [{ name: 'app' }], count: 2, metrics: [{ port: 9091, path: '/m' }] }),
    ...Object.entries(signals).map(([name, killSignal]) => shellLess(name, killSignal ? { killSignal } : {})),
    shellLess('stubborn', { env: { STUBBORN: '1' }, killTimeout: '2s' }),
    clientApp('kept', { deletionProtection: true, processes: [{ name: 'app', count: 0 }] }),
  );
});
afterAll(async () => {
  await acme
    .kubectl(['patch', 'app', 'kept', '--type=merge', '-p', '{"spec":{"deletionProtection":false}}'])
    .catch(() => undefined);
  await acme.delete();
  await operator.stop();
});

describe('the files of a machine', () => {
  const pod = 'filed-app-0';
  const read = async (path: string, container = 'app') =>
    Buffer.from(await shell(pod, container, `base64 ${path}`), 'base64');

  beforeAll(() => acme.waitReady('filed'));

  it.each([
    ['app.conf', Buffer.from('größer: ☃\n')],
    ['key', secretBytes],
    ['motd', Buffer.from('Grüezi 🏔\n')],
  ])('%s is there with its very bytes, and cannot be written', async (name, bytes) => {
    expect(await read(`/etc/app/${name}`)).toEqual(bytes);
    expect(await refusal(['-n', acme.name, 'exec', pod, '--', 'sh', '-c', `echo > /etc/app/${name}`])).toContain(
      'Read-only file system',
    );
  });

  it('are seen by what runs beside the program, with its volumes and the variables of Fly', async () => {
    expect(await read('/etc/app/key', 'beside')).toEqual(secretBytes);
    const [before, done, ...beside] = (await shell(pod, 'beside', 'cat /data/order')).trim().split('\n');
    expect([before, done, ...beside.sort()]).toEqual(['init', 'ready', 'program', 'sidecar']);
    const env = (await shell(pod, 'beside', 'env')).split('\n');
    expect(env).toEqual(expect.arrayContaining(['FLY_APP_NAME=filed', `FLY_MACHINE_ID=${pod}`, 'OWN=1']));
    expect(env.join()).not.toContain('GREETING');
    const { status } = await acme.get<Pod>('pod', pod);
    expect(env).toContain(`FLY_PRIVATE_IP=${status.podIP}`);
    expect(env.find((line) => line.startsWith('FLY_MACHINE_VERSION='))).toMatch(/=.+/);
  });

  it('keep it from starting where one is missing, and its App says which', async () => {
    const condition = await until('the reason', async () => {
      const condition = await ready('missing');
      return condition?.reason === 'ReleaseFailed' ? condition : undefined;
    });
    expect(condition?.message).toMatch(
      /machine missing-app-\S+: does not start before its volumes are there \(Secret late with key token\)/,
    );
    await acme.apply({ ...keys, metadata: { name: 'late' }, data: { token: 'eA==' } });
  });

  it('change with a release, and back with a rollback', async () => {
    const contentOf = async (release: number) => {
      await released('changed', release);
      const [machine] = await acme.list<Pod>('pods', `airfield.dev/app=changed,airfield.dev/release=${release}`);
      return shell(machine?.metadata.name ?? '', 'app', 'cat /etc/app.conf');
    };
    expect(await contentOf(1)).toBe('first');
    await acme.apply(changed('second'));
    expect(await contentOf(2)).toBe('second');
    await acme.apply(changed('second', { rollbackTo: 1 }));
    expect(await contentOf(3)).toBe('first');
  });

  it('let it start once they are all there', () => acme.waitReady('missing'));
});

describe('a machine with two checks', () => {
  const statuses = async () => (await podsOf('checked'))[0]?.status.containerStatuses ?? [];

  it('gets no traffic while one of them fails, which its App names', async () => {
    await until('the reason', async () => (await ready('checked'))?.reason === 'ReleaseFailed');
    expect((await ready('checked'))?.message).toContain('its check does not pass (GET http://:8080/second)');
    expect(Object.fromEntries((await statuses()).map(({ name, ready }) => [name, ready]))).toEqual({
      app: true,
      'check-2': false,
    });
    expect(await inTraffic('checked')).toEqual([]);
  });

  it('gets it when both pass, and is not started again for it', async () => {
    const [machine] = await podsOf('checked');
    const mend = "fetch('http://localhost:8080/mend')";
    await acme.kubectl(['exec', machine?.metadata.name ?? '', '--container', 'app', '--', 'node', '-e', mend]);
    await acme.waitReady('checked');
    await until('traffic', async () => (await inTraffic('checked')).includes(machine?.metadata.name ?? ''));
    expect((await statuses()).map(({ restartCount }) => restartCount)).toEqual([0, 0]);
  });

  it('is gone when its program is, long before killTimeout', async () => {
    await acme.kubectl(['delete', 'app', 'checked', '--wait=false']);
    await until('the machine to be gone', async () => (await podsOf('checked')).length === 0);
  });
});

describe('a machine that is stopped', () => {
  interface Stopped {
    readonly heard: { signal: string; at: number }[];
  }
  const names = [...Object.keys(signals), 'stubborn'];
  const stopped = new Map<string, Stopped>();
  /** A moment before they were told to stop. */
  let before = 0;

  beforeAll(async () => {
    await Promise.all(names.map((name) => acme.waitReady(name)));
    const machines = await Promise.all(names.map(async (name) => (await podsOf(name))[0] as Pod));
    const pods = machines.map(({ metadata }) => metadata.name);
    const [shellOf = ''] = pods;
    expect(await refusal(['-n', acme.name, 'exec', shellOf, '--', '/bin/sh', '-c', 'true'])).toContain('no such file');
    const logs = pods.map((pod) => acme.kubectl(['logs', '--follow', pod]));
    before = Date.now();
    await acme.kubectl(['delete', 'pods', ...pods, '--wait=false']);
    for (const [index, log] of logs.entries())
      stopped.set(names[index] ?? '', {
        heard: (await log)
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      });
  });

  it.each(Object.entries({ ...signals, sigint: 'SIGINT' }))('%s hears its signal and no other', (name, signal) => {
    expect(stopped.get(name)?.heard.map((one) => one.signal)).toEqual([signal]);
  });

  it.each(names)('%s goes on for the time of the drain before it is told', (name) => {
    expect(stopped.get(name)?.heard[0]?.at).toBeGreaterThanOrEqual(before + 5_000);
  });

  it('is killed after killTimeout, whatever its program does', () => {
    // Its log has come to its end; Kubernetes sends SIGTERM before it kills.
    expect(stopped.get('stubborn')?.heard.map(({ signal }) => signal)).toEqual(['SIGINT', 'SIGTERM']);
  });
});

describe('an App with several machines', () => {
  beforeAll(() => acme.waitReady('scaled'));

  it('has as many as kubectl scale says', async () => {
    await acme.kubectl(['scale', 'app/scaled', '--replicas=3']);
    await until('three machines', async () =>
      /True\s+Running\s+3\/3/.test(await acme.kubectl(['get', 'afapp', 'scaled'])),
    );
  });

  it('loses one at a time when nodes are drained', async () => {
    await acme.wait('jsonpath={.status.disruptionsAllowed}=1', 'poddisruptionbudget/scaled-app');
    const [first = '', second = ''] = (await podsOf('scaled')).map(({ metadata }) => metadata.name);
    const evict = (name: string) => {
      const path = `/api/v1/namespaces/${acme.name}/pods/${name}/eviction`;
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: acme.name } };
      return [['create', '--raw', path, '-f', '-'], JSON.stringify(eviction)] as const;
    };
    await kubectl(...evict(first));
    expect(await refusal(...evict(second))).toContain("would violate the pod's disruption budget");
  });

  it('tells Prometheus where its metrics are', async () => {
    const [machine] = await podsOf('scaled');
    expect(machine?.metadata.annotations).toMatchObject({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9091',
      'prometheus.io/path': '/m',
    });
    const monitor = await acme.get<{ spec: object }>('podmonitor', 'scaled');
    expect(monitor.spec).toMatchObject({
      selector: { matchLabels: { 'airfield.dev/app': 'scaled' } },
      podMetricsEndpoints: [{ path: '/m', scheme: 'http' }],
    });
  });
});

it('an App that is protected is deleted only when its protection is gone', async () => {
  const remove = ['--namespace', acme.name, 'delete', 'app', 'kept'];
  expect(await refusal(remove)).toContain('App kept is protected: set spec.deletionProtection to false first');
  expect(await refusal(['delete', 'namespace', acme.name])).toContain('App kept in it is protected');
  await acme.kubectl(['patch', 'app', 'kept', '--type=merge', '-p', '{"spec":{"deletionProtection":false}}']);
  await kubectl(remove);
});
