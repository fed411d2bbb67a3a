import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Conversion, type ConvertOptions, convert } from '../../src/toml/convert.ts';
import { anyJson, anyMachine, changed } from './any-machine.ts';

const base = 'app = "hello"\nprimary_region = "iad"\n[build]\nimage = "x:1"\n';
const groups = `${base}[processes]\nweb = "serve"\nworker = "work"\n`;

type Config = Record<string, unknown>;

function converted(machines: unknown, text = base, options: ConvertOptions = {}): Conversion {
  const list = typeof machines === 'string' ? machines : JSON.stringify(machines, null, 2);
  return convert(text, { ...options, machines: { file: 'machines.json', text: list } });
}

const saidOf = ({ problems }: Conversion) => problems.map(({ code, message }) => `${code} ${message}`);

/** The one resource that a machine with this config becomes. */
function resourceOf(config: Config, machine: Config = {}): Record<string, unknown> {
  const found = converted([{ id: 'e1', name: 'one', region: 'iad', ...machine, config }]);
  expect(found.resources, saidOf(found).join('\n')).toHaveLength(1);
  return found.resources?.[0]?.spec as Record<string, unknown>;
}

/** A machine that `fly deploy` has made. */
const managed = (group: string, region = 'iad', config: Config = {}) => ({
  id: 'e2',
  name: `of-${group}`,
  state: 'started',
  region,
  config: {
    metadata: { fly_platform_version: 'v2', fly_process_group: group },
    image: 'registry.fly.io/hello:1',
    ...config,
  },
});

describe('machines of process groups', () => {
  const processesOf = (machines: unknown[], options?: ConvertOptions) =>
    converted(machines, groups, options).app?.spec.processes?.map(({ name, count, regions }) => ({
      name,
      count,
      regions,
    }));

  it('are the counts and regions of the App, and nothing else', () => {
    const machines = [managed('web', 'sin'), managed('web'), managed('web', 'fra'), managed('web'), managed('worker')];
    expect(processesOf(machines)).toEqual([
      {
        name: 'web',
        regions: [
          { name: 'iad', count: 2 },
          { name: 'fra', count: 1 },
          { name: 'sin', count: 1 },
        ],
      },
      { name: 'worker', count: 1 },
    ]);
    expect(converted(machines, groups).resources).toEqual([]);
  });

  it('count no less where an option says so of another group only', () => {
    const scale = { counts: [{ group: 'web', count: 5 }], regions: [] };
    expect(processesOf([managed('web'), managed('worker', 'fra')], { scale })).toEqual([
      { name: 'web', count: 5 },
      { name: 'worker', regions: [{ name: 'fra', count: 1 }] },
    ]);
  });

  it('do not count where they stand by, ran a command, are gone or are of another app', () => {
    const machines = [
      managed('web'),
      managed('web', 'iad', { standbys: ['e1'] }),
      managed('fly_app_release_command'),
      managed('fly_app_console'),
      { ...managed('web'), state: 'destroyed' },
      { ...managed('web'), app_name: 'other' },
    ];
    expect(processesOf(machines)).toEqual([{ name: 'web', count: 1 }, { name: 'worker' }]);
    expect(saidOf(converted(machines, groups)).filter((line) => /left out/.test(line))).toHaveLength(5);
  });

  it('are told where they have another size than the file says', () => {
    const guest = (memory_mb: number) => ({ guest: { cpu_kind: 'shared', cpus: 1, memory_mb } });
    expect(saidOf(converted([managed('web', 'iad', guest(256))], groups)).join()).not.toContain('AF035');
    expect(saidOf(converted([managed('web', 'iad', guest(512))], groups))).toContainEqual(
      'AF035 machine of-web: config.guest is shared-cpu-1x with 512Mi, and the file says shared-cpu-1x for group web: write it in [[vm]]',
    );
  });

  it('are told once for each size', () => {
    const machines = [512, 512, 1024].map((memory_mb) => managed('web', 'iad', { guest: { cpus: 1, memory_mb } }));
    expect(saidOf(converted(machines, groups)).filter((line) => line.startsWith('AF035'))).toHaveLength(2);
  });

  it('become Machines where the file has no such group', () => {
    const found = converted([managed('batch')], groups);
    expect(found.resources).toMatchObject([{ kind: 'Machine', spec: { metadata: { fly_process_group: 'batch' } } }]);
    expect(saidOf(found)).toContainEqual(expect.stringContaining('AF035 machine of-batch is of process group batch'));
  });
});

describe('a machine of its own', () => {
  it.each<[string, Config, Config, Config]>([
    ['command', { init: { cmd: ['a', 'b'], entrypoint: ['c'] } }, {}, { command: ['a', 'b'], entrypoint: ['c'] }],
    ['exec', { init: { exec: ['a'] } }, {}, { exec: ['a'] }],
    ['a single word with blanks', { init: { cmd: ["it's a"] } }, {}, { command: [`'it'"'"'s a'`] }],
    [
      'preset',
      { guest: { cpu_kind: 'performance', cpus: 2, memory_mb: 4096 } },
      {},
      { vm: { size: 'performance-2x' } },
    ],
    [
      'size of no preset',
      { guest: { cpu_kind: 'shared', cpus: 3, memory_mb: 1024, gpus: 0 } },
      {},
      { vm: { cpuKind: 'shared', cpus: 3, memory: '1Gi' } },
    ],
    ['older size', { size: 'shared-cpu-2x' }, {}, { vm: { size: 'shared-cpu-2x' } }],
    ['no restart', { restart: { policy: 'no' } }, {}, { restart: { policy: 'no' } }],
    [
      'retries',
      { restart: { policy: 'on-failure', max_retries: 3 } },
      {},
      { restart: { policy: 'onFailure', maxRetries: 3 } },
    ],
    ['stopped', {}, { state: 'stopped' }, { state: 'stopped' }],
    ['made, but never started', {}, { state: 'created' }, { state: 'stopped' }],
    ['cordoned', {}, { cordoned: true }, { cordoned: true }],
    ['another region', {}, { region: 'fra' }, { region: 'fra' }],
    [
      'kill',
      { stop_config: { timeout: '1m0s', signal: 'SIGTERM' } },
      {},
      { killTimeout: '1m0s', killSignal: 'SIGTERM' },
    ],
    [
      'a volume with its id alone',
      { mounts: [{ path: '/var/lib', volume: 'vol_1' }] },
      {},
      { mounts: [{ name: 'var-lib', destination: '/var/lib' }] },
    ],
    [
      'volumes of one name, however long it is',
      {
        mounts: [
          { path: '/a', name: 'x'.repeat(63) },
          { path: '/b', name: 'x'.repeat(63) },
          { path: '/c', name: `${'x'.repeat(61)}-2` },
        ],
      },
      {},
      {
        mounts: [
          { name: 'x'.repeat(63), destination: '/a' },
          { name: `${'x'.repeat(61)}-2`, destination: '/b' },
          { name: `${'x'.repeat(61)}-3`, destination: '/c' },
        ],
      },
    ],
    ['metadata of the platform', { metadata: { fly_release_id: 'x', 'fly-managed-postgres': 'y' } }, {}, {}],
    ['variables of the platform', { env: { FLY_PROCESS_GROUP: 'app', PRIMARY_REGION: 'iad' } }, {}, {}],
    ['metadata', { metadata: { a: 'b' } }, {}, { metadata: { a: 'b' } }],
  ])('%s', (_, config, machine, spec) => {
    const usual = 'restart' in spec ? {} : { restart: { policy: 'onFailure' } };
    expect(resourceOf(config, machine)).toEqual({ app: 'hello', ...usual, ...spec });
  });

  it('serves, and so is always started again', () => {
    const services = [
      { protocol: 'tcp', internal_port: 80, autostop: 'suspend', ports: [{ port: 80, handlers: ['http'] }] },
    ];
    expect(resourceOf({ services, restart: { policy: 'on-failure' } })).toEqual({
      app: 'hello',
      services: [{ protocol: 'tcp', internalPort: 80, autoStop: 'suspend', ports: [{ port: 80, handlers: ['http'] }] }],
    });
  });

  it('that was stopped by the proxy is not stopped for ever', () => {
    const services = [{ internal_port: 80, autostop: true }];
    expect(resourceOf({ services }, { state: 'stopped' })).not.toHaveProperty('state');
    expect(resourceOf({ services: [{ internal_port: 80, autostop: false }] }, { state: 'stopped' })).toHaveProperty(
      'state',
    );
  });

  it('has no image where it runs that of the App', () => {
    const image = 'registry.fly.io/hello:1@sha256:ab';
    const own = (found: Conversion) => found.resources?.map(({ spec }) => spec.image);
    expect(own(converted([managed('app'), { id: 'e3', config: { image } }]))).toEqual([undefined]);
    expect(own(converted([{ id: 'e3', config: { image: 'x:1' } }]))).toEqual([undefined]);
    expect(own(converted([{ id: 'e3', config: { image } }]))).toEqual([image]);
  });

  it('has its files, decoded, and those of secrets', () => {
    const files = [
      { guest_path: '/a', raw_value: Buffer.from('näh').toString('base64') },
      { guest_path: '/b', secret_name: 'B' },
    ];
    expect(resourceOf({ files }).files).toEqual([
      { path: '/a', content: 'näh' },
      { path: '/b', secretKeyRef: { name: 'hello', key: 'B' } },
    ]);
    const secrets = { file: '.env', text: `B=${Buffer.from('file').toString('base64')}\n` };
    const found = converted([{ id: 'e1', config: { files } }], base, { secrets });
    expect(found.secrets).toEqual(new Map([['B', 'file']]));
    expect(saidOf(found)).toEqual(['AF027 B is a file of [[files]], so its base64 is decoded, as Fly does it']);
  });

  it('is called as on Fly, with a name that Kubernetes allows and nobody else has', () => {
    const named = (name: string | undefined, id: string, schedule?: string) => ({ name, id, config: { schedule } });
    const machines = [
      named('web', 'e1'),
      named('WEB', 'e2'),
      named('9 lives', 'e3'),
      named(undefined, 'e4'),
      named('x'.repeat(70), 'e5'),
    ];
    const found = converted([...machines, named('y'.repeat(70), 'e6', 'daily'), named('web', 'e7', 'daily')]);
    expect(found.resources?.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Machine web',
      'Machine web-e2',
      'Machine m-9-lives',
      'Machine m-e4',
      `Machine ${'x'.repeat(63)}`,
      `Schedule ${'y'.repeat(52)}`,
      'Schedule web',
    ]);
  });

  it('is told by name with every field that is not carried', () => {
    const said = saidOf(
      converted([{ id: 'e1', name: 'one', config: { init: { kernel_args: ['a'] }, later: { a: [1] }, spot: {} } }]),
    );
    expect(said).toEqual([
      'AF012 machine one: config.init.kernel_args is not converted: the kernel is that of the node',
      'AF011 machine one: config.later is not converted: it is not a field of a machine that Airfield knows',
    ]);
  });

  it('of containers runs the one that is called app, and the others beside or before it', () => {
    const containers = [
      { name: 'Setup', image: 'a', cmd: ['setup'] },
      { name: 'Log', image: 'b', exec: ['log'], env: { B: '1' }, secrets: [{ env_var: 'C', name: 'C' }] },
      { name: 'app', image: 'c', cmd: ['run'], depends_on: [{ name: 'Setup', condition: 'exited_successfully' }] },
    ];
    const found = converted([{ id: 'e1', config: { image: 'd', init: { cmd: ['x'] }, containers } }]);
    expect(found.resources?.[0]?.spec).toEqual({
      app: 'hello',
      image: 'c',
      command: ['run'],
      init: [{ name: 'setup', image: 'a', command: ['setup'] }],
      sidecars: [{ name: 'log', image: 'b', entrypoint: ['log'], env: { B: '1' }, secrets: ['C'] }],
      restart: { policy: 'onFailure' },
    });
    expect(saidOf(found).filter((line) => !/AF015/.test(line))).toEqual([
      'AF013 machine e1: config.image is not converted: that of a container goes before it',
      'AF013 machine e1: config.init.cmd is not converted: that of a container goes before it',
    ]);
  });

  it('shows no credential, and says that there is one', () => {
    const said = saidOf(converted([{ id: 'e1', config: { env: { API_TOKEN: 'hunter2' } } }])).join();
    expect(said).toMatch(/AF028 machine e1: config.env.API_TOKEN looks like a credential/);
    expect(said).not.toContain('hunter2');
  });
});

describe('a scheduled machine', () => {
  const schedule = (config: Config, text = groups, machine: Config = {}) =>
    converted([{ id: 'e1', name: 'job', region: 'iad', ...machine, config: { schedule: 'daily', ...config } }], text);

  it('is a Schedule of what it has otherwise than its App', () => {
    const text = `${groups}[env]\nA = "1"\n[[vm]]\nsize = "shared-cpu-2x"\n`;
    const config = {
      env: { A: '1', B: '2', PRIMARY_REGION: 'iad' },
      init: { cmd: ['report'] },
      guest: { cpu_kind: 'shared', cpus: 2, memory_mb: 512 },
      image: 'x:1',
      restart: { policy: 'on-failure', max_retries: 2 },
    };
    const { resources, problems } = schedule(config, text, { created_at: '2026-01-30T04:05:06Z', state: 'stopped' });
    expect(resources).toEqual([
      {
        apiVersion: 'airfield.dev/v1alpha1',
        kind: 'Schedule',
        metadata: { name: 'job' },
        spec: { app: 'hello', schedule: '5 4 * * *', command: ['report'], env: { B: '2' }, retries: 2 },
      },
    ]);
    expect(problems.map(({ code }) => code)).toEqual(['AF034']);
  });

  it.each([
    ['hourly', '5 * * * *'],
    ['daily', '5 4 * * *'],
    ['weekly', '5 4 * * 5'],
    ['monthly', '5 4 28 * *'],
  ])('%s becomes cron of the time that it has on Fly', (word, cron) => {
    const found = schedule({ schedule: word, init: { cmd: ['a'] } }, groups, { created_at: '2026-01-30T04:05:06Z' });
    expect(found.resources?.[0]?.spec).toMatchObject({ schedule: cron });
    expect(saidOf(found).join()).toContain(`runs ${word}, about when it runs on Fly: \`${cron}\` in UTC`);
  });

  it('keeps the word where nobody knows when it was made', () => {
    expect(schedule({ schedule: 'weekly' }).resources?.[0]?.spec).toMatchObject({ schedule: 'weekly' });
  });

  it('without a command runs that of its group, which is told', () => {
    expect(saidOf(schedule({})).join()).toContain('AF027 machine job: config.init has no command');
    expect(saidOf(schedule({}, base)).join()).not.toContain('AF027');
  });

  it('is told with what a Schedule has nothing for', () => {
    const config = {
      init: { cmd: ['a'] },
      mounts: [{ path: '/a' }],
      services: [{ internal_port: 1 }],
      dns: { skip_registration: true },
    };
    const codes = saidOf(schedule(config)).map((line) => line.split(' is ')[0] ?? '');
    expect(codes.filter((line) => line.startsWith('AF012'))).toEqual([
      'AF012 machine job: config.mounts',
      'AF012 machine job: config.services',
      'AF012 machine job: config.dns',
    ]);
  });

  it('with another schedule is an error', () => {
    expect(saidOf(schedule({ schedule: '* * * * *' }))).toContainEqual(
      'AF006 machine job: config.schedule must be one of hourly, daily, weekly, monthly, not "* * * * *"',
    );
  });
});

describe('a list that is wrong', () => {
  it.each([
    ['', 1, 1, /but the file ends here; pass what/],
    ['\n[{"id": "a",}]', 2, 12, /no comma may stand before "}"/],
    ['"a"', 1, 1, /there is no list of machines/],
    ['[1]', 1, 1, /something else than machines/],
    ['[\n  {"id": "a"}\n]', 2, 3, /machine a has no config/],
    ['[{"config": 1}]', 1, 3, /machine number 1: config must be a table, not the number 1/],
    ['[\n{"config": {"mounts": [\n{"path": "data"}]}}]', 3, 2, /config.mounts\[0].path must be an absolute path/],
    [
      '{"config": {"env": {"A": 1}}}',
      1,
      21,
      /machine number 1: config.env.A must be a string in quotes, not the number 1/,
    ],
  ])('is an error with its place: %j', (text, line, column, message) => {
    const { app, problems } = converted(text);
    expect(app).toBeUndefined();
    expect(problems[0]).toMatchObject({ file: 'machines.json', line, column, severity: 'error' });
    expect(problems[0]?.message).toMatch(message);
  });

  it('of names that every object has is as any other', () => {
    const found = converted('[{"id": "a", "config": {"__proto__": {"a": 1}, "metadata": {"constructor": "x"}}}]');
    expect(saidOf(found)).toContainEqual(expect.stringContaining('AF011 machine a: config.__proto__ is not converted'));
    expect(found.resources?.[0]?.spec).toMatchObject({ metadata: { constructor: 'x' } });
  });

  it('is never a crash, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(anyMachine, { maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), anyJson), { maxLength: 3 }),
        (list, changes) => {
          const { app, problems } = converted(changed(JSON.stringify(list), changes));
          expect(app !== undefined).toBe(problems.every(({ severity }) => severity !== 'error'));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('gives the same each time', () => {
    const machines = [managed('web', 'sin'), managed('worker'), { id: 'e3', config: { env: { B: '1', A: '2' } } }];
    expect(JSON.stringify(converted(machines, groups))).toBe(JSON.stringify(converted(machines, groups)));
  });
});
