import { beforeAll, describe, expect, it } from 'vitest';
import { apiVersion } from '../../../src/api/meta.ts';
import { vmPresets } from '../../../src/api/vm.ts';
import { apps } from '../../../src/controller/resources.ts';
import { customResourceDefinitions } from '../../../src/kube/resources.ts';
import { client, installCrd, verdict } from './app-verdict.ts';

const web = { internalPort: 8080, ports: [{ port: 80 }] };
const groups = (...names: string[]) => names.map((name) => ({ name }));
const vm = (size: string) => ({ processes: [{ name: 'app', vm: { size } }] });
const data = { name: 'data', destination: '/data' };
/** One of each list whose elements name process groups. */
const named = {
  services: web,
  checks: { name: 'alive', type: 'tcp', port: 8080 },
  mounts: data,
  files: { path: '/x', content: '' },
  metrics: { port: 9091 },
};
const mount = (more: object) => ({ mounts: [{ ...data, ...more }] });
const check = (more: object) => ({ checks: [{ name: 'alive', type: 'tcp', port: 8080, ...more }] });
const answer = (headers: object) => ({
  services: [{ ...web, ports: [{ port: 80, httpOptions: { response: { headers } } }] }],
});
const extra = (list: string, env: object) => ({
  processes: [{ name: 'app', [list]: [{ name: 'beside', image: 'x:1', env }] }],
});
const extend = (more: object) => mount({ autoExtend: { threshold: 80, increment: '1Gi', ...more } });

beforeAll(installCrd);

describe('the API server', () => {
  it('accepts the App of the README', async () => {
    const check = { type: 'http', path: '/health' };
    expect(await verdict({ services: [{ ...web, checks: [check] }], primaryRegion: 'iad' })).toBe('accepted');
  });

  it('lets the last field of an object be taken away', async () => {
    const hello = (network: object) => ({
      apiVersion,
      kind: 'App',
      metadata: { name: 'edited', namespace: 'default' },
      spec: { image: 'x:1', network },
    });
    await client.apply(apps, hello({ allowFrom: [{ app: 'other' }] }), { fieldManager: 'test' });
    const { spec } = await client.apply(apps, hello({}), { fieldManager: 'test' });
    expect(spec.network).toEqual({});
  });

  it('stores lists as they were applied, without defaults', async () => {
    const services = [{ internalPort: 8080, ports: [{ port: 80 }], checks: [{ type: 'http' }] }];
    const object = {
      apiVersion,
      kind: 'App',
      metadata: { name: 'stored', namespace: 'default' },
      spec: { image: 'x:1', services },
    };
    expect((await client.apply(apps, object, { fieldManager: 'test' })).spec.services).toEqual(services);
  });

  it('knows the established CRD as a structural one', async () => {
    interface Crd {
      status: { conditions: { type: string; status: string }[] };
    }
    const crd = await client.get<Crd>(customResourceDefinitions, { name: 'apps.airfield.dev' });
    const conditions = Object.fromEntries(crd.status.conditions.map(({ type, status }) => [type, status]));
    expect(conditions).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
    expect(conditions.NonStructuralSchema).not.toBe('True');
  });

  it.each<[string, object, string]>([
    ['a field that there is not', { imag: 'x' }, 'spec.imag'],
    ['a port above 65535', { services: [{ internalPort: 70000 }] }, 'spec.services[0].internalPort'],
    ...Object.entries(named).map(([field, item]): [string, object, string] => [
      `an unknown process group in ${field}`,
      { processes: groups('app', 'worker'), [field]: [{ ...item, processes: ['app', 'web'] }] },
      `spec.${field}: ${field}[].processes names a process group that spec.processes does not have: write one that it has`,
    ]),
    [
      'a process group where there is none',
      { services: [{ ...web, processes: ['web'] }] },
      'spec.services: services[].processes names a process group that spec.processes does not have',
    ],
    [
      'services of nobody in particular',
      { processes: groups('web', 'worker'), services: [web] },
      'spec.services: several process groups and none is called `app`: name the groups',
    ],
    [
      'two services on one port',
      { services: [web, { ...web, internalPort: 1 }] },
      'spec.services: services[].ports: two services listen on the same port: give each port to one service only',
    ],
    [
      'a service on a port of a range of another',
      { services: [web, { internalPort: 1, ports: [{ startPort: 79, endPort: 81 }] }] },
      'spec.services: services[].ports: two services listen on the same port',
    ],
    [
      'one port twice in a service',
      { services: [{ internalPort: 1, ports: [{ port: 80 }, { port: 80 }] }] },
      'spec.services: services[].ports: two services listen on the same port',
    ],
    [
      'services that share a port of machines with some of their groups',
      {
        processes: groups('app', 'worker'),
        services: [
          { internalPort: 1, processes: ['app', 'worker'] },
          { internalPort: 1, processes: ['worker'] },
        ],
      },
      'spec.services: services[].processes: services that share an `internalPort` must have the same',
    ],
    [
      'services that share a port of machines, one of them through the default group',
      {
        processes: groups('app', 'worker'),
        services: [{ ...web, processes: ['app', 'worker'] }, { internalPort: 8080 }],
      },
      'spec.services: services[].processes: services that share an `internalPort` must have the same',
    ],
    [
      'count beside regions',
      { processes: [{ name: 'app', count: 1, regions: [{ name: 'iad', count: 1 }] }] },
      'spec.processes[0]: write either `count` or `regions`',
    ],
    [
      'the count of the App beside the one of its only group',
      { count: 2, processes: [{ name: 'web', count: 3 }] },
      'spec.count: `count` is the number of machines of the default group',
    ],
    [
      'the count of the App beside regions of `app`',
      { count: 2, processes: [{ name: 'a' }, { name: 'app', regions: [{ name: 'iad', count: 1 }] }] },
      'spec.count: `count` is the number of machines of the default group',
    ],
    [
      'a sidecar with the name of its group',
      { processes: [{ name: 'app', sidecars: [{ name: 'app', image: 'x:1' }] }] },
      'spec.processes[0].sidecars: a container of a machine cannot be called as its process group',
    ],
    [
      'a container that runs first with the name of its group',
      { processes: [{ name: 'app', init: [{ name: 'app', image: 'x:1' }] }] },
      'spec.processes[0].init: a container of a machine cannot be called as its process group',
    ],
    [
      'two containers of one name',
      { processes: [{ name: 'app', init: [{ name: 'x', image: 'x:1' }], sidecars: [{ name: 'x', image: 'x:1' }] }] },
      'spec.processes[0].sidecars: a container of a machine cannot be called as its process group or as another',
    ],
    ['a variable of Fly', { env: { FLY_REGION: 'iad' } }, 'spec.env: env sets a variable'],
    ['a variable with a name that is too long', { env: { ['A'.repeat(254)]: '' } }, 'spec.env: a name in env'],
    ['a variable that no shell could read', { env: { '1A': '' } }, 'spec.env: a name in env'],
    ...['canary', 'bluegreen'].map((strategy): [string, object, string] => [
      `${strategy} with mounts`,
      { deploy: { strategy }, mounts: [data] },
      'spec.deploy.strategy: canary and bluegreen cannot be used with mounts, because a volume belongs to one machine: write `strategy: rolling`',
    ]),
    ...[0, '0.3', '101%'].map((maxUnavailable): [string, object, string] => [
      `maxUnavailable ${maxUnavailable}`,
      { deploy: { maxUnavailable } },
      `spec.deploy.maxUnavailable: ${JSON.stringify(maxUnavailable)}: must be a number of machines from 1, or a percentage`,
    ]),
    [
      'two volumes at one path',
      { mounts: [data, { ...data, name: 'more' }] },
      'spec.mounts: mounts[].destination: two volumes of a machine are mounted at the same path',
    ],
    ['a volume without a size', mount({ size: '0' }), 'spec.mounts[0].size: size must be at least `1Mi`'],
    [
      'snapshots all the time',
      mount({ snapshots: { every: '59m' } }),
      'spec.mounts[0].snapshots.every: snapshots.every must be at least `1h`',
    ],
    ['snapshots kept too long', mount({ snapshots: { retentionDays: 61 } }), 'spec.mounts[0].snapshots.retentionDays'],
    ['a volume that grows too soon', extend({ threshold: 49 }), 'spec.mounts[0].autoExtend.threshold'],
    ['a volume that grows too late', extend({ threshold: 100 }), 'spec.mounts[0].autoExtend.threshold'],
    [
      'a volume that grows by nothing',
      extend({ increment: '0' }),
      'spec.mounts[0].autoExtend.increment: increment must be at least `1Mi`',
    ],
    [
      'a limit below the size of the volume',
      extend({ limit: '1023Mi' }),
      'spec.mounts[0].autoExtend.limit: autoExtend.limit must not be below `size`',
    ],
    [
      'a check of the App all the time',
      check({ interval: '1999ms' }),
      'spec.checks[0].interval: the interval of a check of the App must be at least `2s`',
    ],
    [
      'a check of the App that waits long',
      check({ timeout: '61s' }),
      'spec.checks[0].timeout: the timeout of a check of the App may be at most `1m`',
    ],
    [
      'a check of the App without a port to ask',
      check({ port: undefined }),
      'spec.checks: checks[].port: there is no service to take the port from',
    ],
    ['a storage class of no name', { mounts: [{ ...data, storageClassName: '.x' }] }, 'storageClassName'],
    [
      'an answer with a header that is none',
      answer({ 'a b': ['c'] }),
      'httpOptions.response.headers: the name of a header has up to 128 letters',
    ],
    ['an answer with a header of the connection', answer({ 'Keep-alive': [] }), 'a header of the connection'],
    [
      'a header that no probe can send',
      check({ type: 'http', headers: { '`id`': '' } }),
      'spec.checks[0].headers: the name of a header',
    ],
    ['a kill timeout above 5 minutes', { killTimeout: '301s' }, 'killTimeout may be at most'],
    [
      'a release without an end',
      { deploy: { waitTimeout: '25h' } },
      'spec.deploy.waitTimeout: waitTimeout must be from',
    ],
    ['a duration without a unit', { killTimeout: '10' }, 'spec.killTimeout'],
    [
      'a soft limit above the hard one',
      { services: [{ ...web, concurrency: { softLimit: 3, hardLimit: 2 } }] },
      'spec.services[0].concurrency: `softLimit`',
    ],
    [
      'forceHttps without http',
      { services: [{ internalPort: 1, ports: [{ port: 80, forceHttps: true }] }] },
      'spec.services[0].ports[0]: `forceHttps` needs',
    ],
    [
      'a port and a range',
      { services: [{ internalPort: 1, ports: [{ port: 80, startPort: 81, endPort: 82 }] }] },
      'spec.services[0].ports[0]: write either `port`',
    ],
    [
      'a path of a tcp check',
      { services: [{ ...web, checks: [{ type: 'tcp', path: '/' }] }] },
      'spec.services[0].checks[0]: a tcp check has no path',
    ],
    [
      'a peer that is nobody',
      { network: { allowFrom: [{ ports: [{ port: 1 }] }] } },
      'spec.network.allowFrom[0]: write either `cidr`',
    ],
    [
      'addresses that are none',
      { network: { egress: [{ cidr: '10.0.0.0' }] } },
      'spec.network.egress[0]: `cidr` must be like',
    ],
    [
      'a file with two contents',
      { files: [{ path: '/x', content: '', secretKeyRef: { name: 'a', key: 'b' } }] },
      'spec.files[0]: write exactly one of',
    ],
    ...['/etc/', '/', '/etc//x', '/etc/../x', '/.'].map((path): [string, object, string] => [
      `a file at ${path}`,
      { files: [{ path, content: '' }] },
      'spec.files[0].path: path must be the whole path of a file',
    ]),
    ...['/data', '/data/'].map((destination): [string, object, string] => [
      `a file in the place of the volume ${destination}`,
      { ...mount({ destination }), files: [{ path: '/data', content: '' }] },
      'spec.files: files[].path: a volume is mounted at the path of a file',
    ]),
    ...['/.airfield', '/.airfield/stop'].flatMap((path): [string, object, string][] => [
      [`a file at ${path}`, { files: [{ path, content: '' }] }, "spec.files: files[].path: `/.airfield` is Airfield's"],
      [
        `a volume at ${path}`,
        mount({ destination: path }),
        "spec.mounts: mounts[].destination: `/.airfield` is Airfield's",
      ],
    ]),
    ...['secretKeyRef', 'configMapKeyRef'].flatMap((ref): [string, object, string][] => [
      [
        `a ${ref} to a name that nothing has`,
        { files: [{ path: '/x', [ref]: { name: 'My_Config', key: 'b' } }] },
        `spec.files[0].${ref}.name`,
      ],
      ...['a/b', '', '..a'].map((key): [string, object, string] => [
        `a ${ref} to the key "${key}"`,
        { files: [{ path: '/x', [ref]: { name: 'a.b', key } }] },
        `spec.files[0].${ref}.key`,
      ]),
    ]),
    ...['sidecars', 'init'].flatMap((list): [string, object, string][] => [
      [
        `a variable of Fly in ${list}`,
        extra(list, { FLY_REGION: 'iad' }),
        `spec.processes[0].${list}[0].env: env sets a variable`,
      ],
      [
        `a variable that no shell could read in ${list}`,
        extra(list, { '1A': '' }),
        `spec.processes[0].${list}[0].env: a name in env`,
      ],
    ]),
    ['an image with a space', { image: 'a b' }, 'spec.image'],
  ])('refuses %s', async (_, spec, message) => {
    expect(await verdict(spec)).toContain(message);
  });

  it.each([...vmPresets.keys()])('knows the size %s, and names it where an unknown one is refused', async (size) => {
    expect(await verdict(vm(size))).toBe('accepted');
    expect(await verdict(vm('huge'))).toMatch(
      new RegExp(`spec\\.processes\\[0\\]\\.vm\\.size: .*supported values: .*"${size}"`),
    );
  });

  it.each<[string, object]>([
    [
      'services that share a port of machines with the same groups',
      {
        processes: groups('app', 'worker'),
        services: [
          { internalPort: 1, processes: ['app', 'worker'] },
          { internalPort: 1, processes: ['worker', 'app'] },
        ],
      },
    ],
    [
      'services that share a port of machines with no group in common',
      {
        processes: groups('app', 'worker'),
        services: [{ internalPort: 1 }, { internalPort: 1, processes: ['worker'] }],
      },
    ],
    ['a port for tcp and for udp', { services: [web, { ...web, protocol: 'udp' }] }],
    ['a port beside a range', { services: [web, { internalPort: 1, ports: [{ startPort: 81, endPort: 90 }] }] }],
    [
      'the count of the App beside the one of another group',
      { count: 2, processes: [{ name: 'app' }, { name: 'b', count: 3 }] },
    ],
    ['the count of the App alone', { count: 0 }],
    [
      'one path for the volumes of two groups',
      {
        processes: groups('app', 'worker'),
        mounts: [
          { ...data, processes: ['app'] },
          { ...data, name: 'work', processes: ['worker'] },
        ],
      },
    ],
    ['the bounds of volumes that grow', extend({ threshold: 50, increment: '1Mi', limit: '1Gi' })],
    ['the bounds of snapshots', mount({ snapshots: { every: '1h', retentionDays: 60 } })],
    ['a check of the App at the port of its service', { services: [web], ...check({ port: undefined }) }],
    ['the bounds of checks of the App', check({ interval: '2s', timeout: '1m' })],
    ['a file in a volume', { mounts: [data], files: [{ path: '/data/app.conf', content: '' }] }],
    [
      'a file at the path of a volume of another group',
      {
        processes: groups('app', 'worker'),
        mounts: [{ ...data, processes: ['app'] }],
        files: [{ path: '/data', content: '', processes: ['worker'] }],
      },
    ],
    ['files with dots', { files: [{ path: '/etc/.x/..y', secretKeyRef: { name: 'a.b-c', key: '.env' } }] }],
    ['a sidecar with an environment of its own', extra('sidecars', { 'LOG_LEVEL.x-y': 'info', PRIMARY_REGION: 'x' })],
    ['maxUnavailable as a percentage', { deploy: { maxUnavailable: '33%' } }],
    ['maxUnavailable as a number', { deploy: { maxUnavailable: 2 } }],
  ])('accepts %s', async (_, spec) => {
    expect(await verdict(spec)).toBe('accepted');
  });

  it.each(['Hello', '1up', 'a.b', 'internal', 'internal--a', 'flycast', 'a'.repeat(64)])(
    'refuses the name %s',
    async (name) => {
      expect(await verdict({}, name)).toMatch(/host name|cannot be called|cannot begin|Invalid/);
    },
  );
});
