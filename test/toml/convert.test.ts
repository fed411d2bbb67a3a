import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { appSpecSchema } from '../../src/api/app.ts';
import { type ConvertOptions, convert } from '../../src/toml/convert.ts';
import { pathText } from '../../src/toml/path.ts';
import { problemLine } from '../../src/toml/report-text.ts';
import { type Tree, type Value, writeToml } from './write-toml.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const head = 'app = "hello"\nbuild.image = "x:1"\n';

function said(text: string, options?: ConvertOptions): string[] {
  return convert(text, options).problems.map((problem) => problemLine('fly.toml', problem));
}

function specOf(text: string, options?: ConvertOptions) {
  const { app, problems } = convert(text, options);
  expect(problems.filter(({ severity }) => severity !== 'note')).toEqual([]);
  return app!.spec;
}

describe('a mistake in a fly.toml is an error of its line', () => {
  const mistakes: [string, string | RegExp][] = [
    [
      '[http_service]\ninternal_port = 70000',
      '4:1: [http_service] internal_port must be between 1 and 65535, not 70000',
    ],
    ['[http_service]\nforce_https = true', '3:2: [http_service] internal_port is missing'],
    [
      '[[services]]\ninternal_port = "http"',
      '4:1: [[services]] internal_port must be a port between 1 and 65535, not "http"',
    ],
    [
      '[http_service]\ninternal_port = 1\nforce_https = "yes"',
      '5:1: [http_service] force_https must be true or false, not the string "yes"',
    ],
    [
      '[http_service]\ninternal_port = 1\nauto_stop_machines = "true"',
      '5:1: [http_service] auto_stop_machines must be "off", "stop" or "suspend" (or true or false)',
    ],
    [
      '[http_service]\ninternal_port = 1\nprocesses = ["web"]',
      '5:1: [http_service] processes names the group "web", but there is only: app',
    ],
    [
      '[processes]\nweb = "a"\njob = "b"\n[http_service]\ninternal_port = 1',
      '6:2: [http_service] processes is missing: say which of the groups web, job serve here',
    ],
    ['[processes]\nweb = "say \'hi"', "4:1: [processes] web has a ' without an end: say 'hi"],
    [
      '[http_service]\ninternal_port = 1\n[[services]]\ninternal_port = 2\n[[services.ports]]\nport = 80',
      '8:1: [[services.ports]] port 80 is taken by another service of this file',
    ],
    [
      '[[services]]\ninternal_port = 2\nports = [{ start_port = 5, end_port = 4 }]',
      '5:28: [[services.ports]] end_port must not be below start_port (5)',
    ],
    [
      '[[services]]\ninternal_port = 2\nports = [{ handlers = ["https"], port = 1 }]',
      '5:12: [[services.ports]] handlers must be of http, tls, proxy_proto, pg_tls, edge_http, not "https"',
    ],
    [
      '[[services]]\ninternal_port = 2\nconcurrency = 20',
      '5:1: [[services]] concurrency must be a table, not the number 20',
    ],
    [
      '[[services]]\ninternal_port = 2\n[services.concurrency]\nsoft_limit = 9\nhard_limit = 8',
      '6:1: [[services.concurrency]] soft_limit must not be above the hard limit: 9 is more than 8',
    ],
    [
      '[[services]]\ninternal_port = 2\n[[services.tcp_checks]]\ninterval = "10"',
      '6:1: [[services.tcp_checks]] interval must be a duration like "10s" or "1m30s" (units ms, s, m, h): "10" has no unit; write "10s"',
    ],
    [
      '[checks.up]\ntype = "http"\nport = 1\nheaders = {"X_A" = "b"}',
      '6:1: [checks.up] headers cannot be sent: the name of a header has letters, digits and "-", not "X_A"',
    ],
    [
      '[http_service]\ninternal_port = 1\n[http_service.http_options.response.headers]\n"a b" = "c"',
      '6:1: [http_service.http_options.response.headers] a b cannot be a header: use letters, digits and dashes',
    ],
    [
      '[http_service]\ninternal_port = 1\n[http_service.http_options.response.headers]\nConnection = "c"',
      '6:1: [http_service.http_options.response.headers] Connection belongs to the connection and cannot be changed: remove it',
    ],
    ['[checks.up]\nport = 1', '3:2: [checks.up] type is missing'],
    [
      '[checks.up]\ntype = "tcp"\nport = 1\ninterval = "1s"',
      '6:1: [checks.up] interval must be at least "2s", not "1s"',
    ],
    ['[checks.up]\ntype = "tcp"\nport = 1\ntimeout = 90000', '6:1: [checks.up] timeout may be at most "1m", not "90s"'],
    ['[[vm]]\nsize = "huge"', /^4:1: \[\[vm]] size must be one of shared-cpu-1x, .*, a100-80gb, not "huge"$/],
    ['[[vm]]\nmemory = "lots"', '4:1: [[vm]] memory must be a size like "512mb" or "2gb", not the string "lots"'],
    [
      '[deploy]\nstrategy = "fast"',
      '4:1: [deploy] strategy must be one of rolling, immediate, canary, bluegreen, not "fast"',
    ],
    [
      '[deploy]\nstrategy = "canary"\n[mounts]\nsource = "a"\ndestination = "/a"',
      '4:1: [deploy] strategy cannot be "canary" with mounts, because a volume belongs to one machine: write "rolling"',
    ],
    [
      '[mounts]\nsource = "a"\ndestination = "a"',
      '5:1: [mounts] destination must be an absolute path without `:`, not "a"',
    ],
    ['[[files]]\nguest_path = "/a"', '3:3: [[files]] raw_value is missing'],
    [
      '[env]\n1ST = "x"',
      '4:1: [env] 1ST cannot be a variable: use up to 253 letters, digits, `_`, `-` and `.`, and no digit at the beginning',
    ],
    ['[env]\nA = "\\u0000"', '4:1: [env] A has a character NUL, which no variable can have'],
    ['kill_signal = "SIGFOO"', /^3:1: kill_signal must be one of SIGHUP, .* not "SIGFOO"$/],
    ['kill_timeout = 301', '3:1: kill_timeout may be at most 5 minutes: write "5m" instead of "301s"'],
    ['services = 1', '3:1: services must be a table, not the number 1'],
    [
      'primary_region = "{{ region }}"',
      '3:1: primary_region must be the name of a region like "iad", not "{{ region }}"',
    ],
    [`[env]\nA = "${'x'.repeat(40_000)}"`, /^4:1: spec\.env\.A of the App: must be no more than 32768 characters/],
  ];
  it.each(mistakes.map(([text, expected]) => ({ text, expected, name: `${expected}` })))(
    '$name',
    ({ text, expected }) => {
      const { app, problems } = convert(`${head}${text}\n`);
      expect(app).toBeUndefined();
      const [line] = problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
      if (typeof expected === 'string') expect(line).toBe(expected);
      else expect(line).toMatch(expected);
    },
  );

  it('and all of them are named, in the order of the file', () => {
    expect(said('primary_region = 1\n[http_service]\ninternal_port = 0\n[[vm]]\ncpus = 0.5\n')).toEqual([
      expect.stringMatching(/^fly.toml:1:1 error AF002: no app name: /),
      expect.stringMatching(/^fly.toml:1:1 error AF003: no image: add image = "…" to \[build] or pass --image REF$/),
      'fly.toml:1:1 error AF005: primary_region must be a string in quotes, not the number 1',
      'fly.toml:3:1 error AF006: [http_service] internal_port must be between 1 and 65535, not 0',
      'fly.toml:5:1 error AF005: [[vm]] cpus must be a whole number, not the number 0.5',
    ]);
  });

  it('and broken TOML is one too', () => {
    expect(said('app = "x"\n[env\n')).toEqual([expect.stringMatching(/^fly.toml:2:5 error AF001: /)]);
  });
});

describe('the name of the App', () => {
  it('is what the file says, or what replaces it', () => {
    expect(convert(head).app?.metadata).toEqual({ name: 'hello' });
    expect(convert(head, { name: 'other', namespace: 'acme' }).app?.metadata).toEqual({
      name: 'other',
      namespace: 'acme',
    });
  });

  it.each(['', '<app>', 'YOUR_APP_NAME', 'my-app-name', '{{ app }}', '1st', 'internal', 'a b', 'a'.repeat(64)])(
    'cannot be %j',
    (name) => {
      expect(said(`app = "${name}"\nbuild.image = "x:1"`)).toEqual([
        expect.stringMatching(/^fly\.toml:1:1 error AF002: .*pass --name NAME/),
      ]);
      expect(said(`app = "${name}"\nbuild.image = "x:1"`, { name: 'good' })).toEqual([]);
    },
  );

  it.each(['Upper', 'a.b', '-a', 'flycast', 'internal--a', ''])('cannot be replaced by %j', (name) => {
    expect(said(head, { name })).toEqual([expect.stringMatching(/is not the name of an App/)]);
  });
});

it('the namespace must be one', () => {
  expect(said(head, { namespace: 'Team A' })).toEqual([
    'fly.toml:1:1 error AF004: --namespace Team A is not the name of a namespace',
  ]);
});

describe('the image', () => {
  it('of the user goes before that of the file', () => {
    expect(specOf(head, { image: 'y:2' }).image).toBe('y:2');
  });

  it('cannot have spaces', () => {
    expect(said(head, { image: 'a b' })).toEqual([expect.stringMatching(/--image "a b" is not a reference/)]);
    expect(said('app = "a"\nbuild.image = "a b"')).toEqual([
      expect.stringMatching(/^fly.toml:2:1 error AF003: \[build] image must be/),
    ]);
  });

  it('in the registry of Fly.io is warned about', () => {
    expect(said('app = "a"\n[build]\nimage = "registry.fly.io/a:1"')).toEqual([
      expect.stringMatching(/^fly.toml:3:1 warning AF\d+: .*needs a token/),
    ]);
  });
});

describe('sizes', () => {
  it.each([
    ['memory = "512mb"', { memory: '512Mi' }],
    ['memory = "1GB"', { memory: '1Gi' }],
    ['memory = "4G"', { memory: '4Gi' }],
    ['memory = "768"', { memory: '768Mi' }],
    ['memory = 2048', { memory: '2Gi' }],
    ['memory_mb = 256', { memory: '256Mi' }],
    ['size = "a10"', { size: 'a10' }],
    ['size = "a100-sxm4-80gb"', { size: 'a100-80gb' }],
    ['gpu_kind = "l40s"\nmemory = "64gb"', { size: 'l40s', memory: '64Gi' }],
    ['size = "performance-16x"\ngpu_kind = "a100-pcie-40gb"', { size: 'performance-16x', gpuKind: 'a100-40gb' }],
  ])('of machines: %s', (text, vm) => {
    expect(specOf(`${head}[[vm]]\n${text}`).processes).toEqual([{ name: 'app', vm }]);
  });

  it.each([
    ['"10gb"', '10Gi'],
    ['"1500mb"', '1Gi'],
    ['"5"', '5Gi'],
    ['7', '7Gi'],
  ])('of volumes: %s', (size, expected) => {
    const text = `${head}[mounts]\nsource = "a"\ndestination = "/a"\ninitial_size = ${size}`;
    expect(specOf(text).mounts?.[0]?.size).toBe(expected);
  });
});

describe('volumes', () => {
  const mount = (text: string) => `${head}[mounts]\nsource = "a"\ndestination = "/a"\n${text}`;
  const mountOf = (text: string) => specOf(mount(text)).mounts?.[0];
  const grows = 'auto_extend_size_threshold = 80\nauto_extend_size_increment = "2GB"';

  it.each([
    ['', undefined],
    ['scheduled_snapshots = true', {}],
    ['scheduled_snapshots = false', undefined],
    ['snapshot_retention = 14', { retentionDays: 14 }],
    ['scheduled_snapshots = true\nsnapshot_retention = 14', { retentionDays: 14 }],
  ])('have the snapshots that the file speaks of: %s', (text, snapshots) => {
    expect(said(mount(text))).toEqual([]);
    expect(mountOf(text)?.snapshots).toEqual(snapshots);
  });

  it('are told not to keep snapshots that are not taken', () => {
    expect(said(mount('scheduled_snapshots = false\nsnapshot_retention = 14'))).toEqual([
      expect.stringMatching(
        /^fly.toml:7:1 warning AF\d+: .*snapshot_retention is not converted: scheduled_snapshots is false/,
      ),
    ]);
  });

  it.each([
    [grows, { threshold: 80, increment: '2Gi' }],
    [`${grows}\nauto_extend_size_limit = "500gb"`, { threshold: 80, increment: '2Gi', limit: '500Gi' }],
    ['auto_extend_size_threshold = 0', undefined],
  ])('grow as the file says: %s', (text, autoExtend) => {
    expect(mountOf(text)?.autoExtend).toEqual(autoExtend);
  });

  it.each([
    ['auto_extend_size_threshold = 49', 'auto_extend_size_threshold must be between 50 and 99, not 49'],
    ['auto_extend_size_threshold = 80', 'auto_extend_size_increment is missing'],
    [grows.replace('2GB', '101GB'), 'auto_extend_size_increment may be at most "100gb"'],
    [grows.replace('2GB', '10mb'), 'auto_extend_size_increment must be at least "1gb"'],
    [`${grows}\nauto_extend_size_limit = "501gb"`, 'auto_extend_size_limit may be at most "500gb"'],
    [
      `${grows}\nauto_extend_size_limit = "5gb"\ninitial_size = "6gb"`,
      'auto_extend_size_limit must not be below the size of the volume, 6Gi',
    ],
    ['snapshot_retention = 61', 'snapshot_retention must be between 1 and 60, not 61'],
  ])('cannot have %s', (text, problem) => {
    expect(said(mount(text))).toContainEqual(expect.stringContaining(problem));
    expect(convert(mount(text)).app).toBeUndefined();
  });

  it('are not given to machines that canary or bluegreen would double', () => {
    for (const strategy of ['canary', 'bluegreen'])
      expect(said(mount(`[deploy]\nstrategy = "${strategy}"`))).toEqual([
        `fly.toml:7:1 error AF008: [deploy] strategy cannot be "${strategy}" with mounts, because a volume belongs to one machine: write "rolling"`,
      ]);
  });
});

it('swap is in the App in bytes', () => {
  expect(specOf(`swap_size_mb = 512\n${head}`).swap).toBe('512Mi');
  expect(specOf(`swap_size_mb = 0\n${head}`)).not.toHaveProperty('swap');
});

describe('an unknown key', () => {
  it.each([
    ['[http_service]\ninternal_port = 1\nauto_machine_stop = true', '; did you mean auto_stop_machines?'],
    ['[[mounts]]\nsource = "a"\ndestination = "/a"\nsize = 1\ninitial-size = 1', '; did you mean initial_size?'],
    ['primary-region = "iad"', '; did you mean primary_region?'],
    ['[deplyo]\nstrategy = "rolling"', '; did you mean deploy?'],
    ['[[services]]\ninternal_port = 1\nhandlers = ["http"]', '; did you mean that of services[].ports[]?'],
    ['[[vm]]\nswap_size_mb = 512', '; did you mean the one at the top of the file?'],
    ['auto_machine_stop = true', '; did you mean auto_stop_machines of http_service?'],
    ['[vm]\nprimary_regoin = "iad"', '; did you mean primary_region at the top of the file?'],
    ['[colours]\nsky = "blue"', 'it is not a key of fly.toml that Airfield knows'],
  ])('is named with the one that was meant: %s', (text, end) => {
    expect(said(head + text)).toContainEqual(
      expect.stringMatching(/ warning AF011: .* is not converted: it is not a key/),
    );
    expect(
      said(head + text)
        .at(-1)
        ?.endsWith(end),
    ).toBe(true);
  });
});

it('keys are found in any case, as in flyctl', () => {
  expect(
    specOf('App = "a"\n[BUILD]\nImage = "x:1"\n[Http_Service]\ninternal_Port = 80').services?.[0]?.internalPort,
  ).toBe(80);
});

it('durations that only Go understands are written as an App understands them', () => {
  const durations = ['".5s"', '"1.s"', '"+1m.5s"', '"0"', '1500', '2000', '"1h2m3.25s"'];
  const services = durations.map(
    (interval, i) => `[[services]]\ninternal_port = ${i + 1}\ntcp_checks = [{ interval = ${interval} }]\n`,
  );
  const found = specOf(head + services.join('')).services?.map(({ checks }) => checks?.[0]?.interval);
  expect(found).toEqual(['0.5s', '1s', '1m0.5s', '0s', '1500ms', '2s', '1h2m3.25s']);
});

/** Every section with every key that an App has, and some that it has not. No value says what goes without saying. */
const everything: Tree = {
  app: 'hello',
  primary_region: 'iad',
  kill_signal: 'SIGTERM',
  kill_timeout: 60,
  swap_size_mb: 512,
  console_command: '/bin/sh',
  host_dedication_id: 'x',
  machine_config: '{}',
  container: 'app',
  build: { image: 'x:1', dockerfile: 'Dockerfile', args: { A: '1' }, 'build-target': 'release' },
  env: { A: 'a', B: 2, C: true, FLY_REGION: 'x', PRIMARY_REGION: 'lhr' },
  processes: { app: 'serve', worker: 'work', job: 'run' },
  deploy: {
    strategy: 'immediate',
    max_unavailable: 2,
    wait_timeout: '1m',
    release_command: 'migrate',
    release_command_timeout: '2m',
    release_command_vm: { size: 'shared-cpu-2x', memory: 1024 },
    seed_command: 'seed',
  },
  experimental: {
    cmd: ['x'],
    entrypoint: ['y'],
    exec: ['z'],
    auto_rollback: false,
    enable_consul: true,
    kill_timeout: 9,
  },
  http_service: {
    internal_port: 8080,
    force_https: true,
    auto_stop_machines: 'stop',
    auto_start_machines: false,
    min_machines_running: 1,
    processes: ['app'],
    concurrency: { type: 'requests', soft_limit: 1, hard_limit: 2 },
    http_options: {
      compress: true,
      idle_timeout: 1,
      response: { headers: { A: 'b', C: false }, pristine: true },
      replay_cache: [{ name: 'x' }],
    },
    tls_options: { alpn: ['h2'], versions: ['TLSv1.3'], default_self_signed: true },
    checks: [
      {
        path: '/',
        method: 'HEAD',
        interval: 5000,
        timeout: '2s',
        grace_period: '1s',
        headers: { A: 'b' },
        tls_server_name: 'x',
      },
    ],
    machine_checks: [{ command: ['a'], image: 'x', entrypoint: ['b'], kill_signal: 'SIGKILL', kill_timeout: '1s' }],
  },
  services: [
    {
      internal_port: '7000',
      protocol: 'udp',
      processes: ['worker'],
      concurrency: '3,4',
      script_checks: [{ command: 'x' }],
      ports: [
        { port: '7000', handlers: ['proxy_proto'], proxy_proto_options: { version: 'v2' } },
        { start_port: 8000, end_port: 8010, force_https: true },
      ],
      tcp_checks: [{ interval: 1000, restart_limit: 3 }],
      http_checks: [{ path: '/x', headers: [{ name: 'a', value: 'b' }] }],
    },
  ],
  checks: {
    up: { type: 'http', path: '/up', port: 1, interval: '9s', processes: ['worker'] },
    tcp: { type: 'tcp', port: 2, path: '/ignored' },
    script: { type: 'script', script: 'x' },
  },
  mounts: [
    {
      source: 'data',
      destination: '/data',
      initial_size: '3gb',
      snapshot_retention: 2,
      auto_extend_size_threshold: 80,
      auto_extend_size_increment: '1gb',
      auto_extend_size_limit: '9gb',
      processes: ['job'],
    },
  ],
  files: [
    { guest_path: '/a', raw_value: 'x', processes: ['job'] },
    { guest_path: '/b', secret_name: 'B', raw_value: 'ignored' },
    { guest_path: '/c', local_path: 'c', raw_value: 'ignored' },
  ],
  vm: [
    { size: 'shared-cpu-2x', memory: '1gb', memory_mb: 512, kernel_args: ['x'] },
    { cpu_kind: 'performance', cpus: 4, gpus: 1, gpu_kind: 'a10', processes: ['worker'] },
    { size: 'shared-cpu-8x' },
    { size: 'shared-cpu-4x', processes: ['gone'] },
  ],
  restart: [
    { policy: 'never', retries: 1, processes: ['worker'] },
    { policy: 'on-failure', retries: 3, processes: ['worker'] },
  ],
  metrics: [{ port: 9000, path: '/m', https: true, processes: ['worker'] }],
  statics: [{ guest_path: '/x', url_prefix: '/y' }],
  machine_checks: [{ command: ['x'] }],
};

describe('nothing is lost in silence', () => {
  const unknown = fc.record({
    at: fc.nat(),
    key: fc.stringMatching(/^[a-z_]{1,8}$/),
    value: fc.constantFrom<Value>('x', 1, true, [], { y: 1 }),
  });

  it('a key is named in a warning, or taking it away changes the App or what is said', () => {
    fc.assert(
      fc.property(
        fc.array(unknown, { maxLength: 4 }),
        fc.nat(),
        fc.array(fc.nat(5), { minLength: 1, maxLength: 9 }),
        (extra, at, styles) => {
          const tree = structuredClone(everything);
          for (const { at, key, value } of extra) {
            const table = tables(tree)[at % tables(tree).length]!;
            table[`zz_${key}`] = structuredClone(value);
          }
          const before = outcome(tree, styles);
          // Where any key has a meaning, as in [processes], the new one may be an error.
          fc.pre(before.app !== undefined);
          const leaves = leavesOf(tree);
          const [path, table] = leaves[at % leaves.length]!;
          delete table[path.at(-1)!];
          const name = pathText(path);
          if (
            before.about.some((about) => name === about || name.startsWith(`${about}.`) || name.startsWith(`${about}[`))
          )
            return;
          expect([name, outcome(tree, styles)]).not.toEqual([name, before]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('and the file that has everything is converted', () => {
    const { app, problems } = convert(writeToml(everything).text);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(appSpecSchema.safeParse(app?.spec).success).toBe(true);
  });
});

it('whatever a file says, there is an App that the schema accepts, or an error with its place', () => {
  const odd = fc.constantFrom<Value>(
    '',
    'x',
    '/x',
    0,
    -1,
    1.5,
    1e9,
    true,
    false,
    [],
    ['x'],
    [1],
    {},
    { x: 1 },
    [{}],
    'a\u0000',
    '10s',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), odd), { maxLength: 6 }), (changes) => {
      const tree = structuredClone(everything);
      for (const [at, value] of changes) {
        const leaves = leavesOf(tree);
        const [path, table] = leaves[at % leaves.length]!;
        table[path.at(-1)!] = structuredClone(value);
      }
      const { text } = writeToml(tree);
      const { app, problems } = convert(text);
      const errors = problems.filter(({ severity }) => severity === 'error');
      if (app) expect(appSpecSchema.safeParse(app.spec).error).toBeUndefined();
      else expect(errors.length).toBeGreaterThan(0);
      for (const { line } of problems) expect(line).toBeLessThanOrEqual(text.split('\n').length);
    }),
    { numRuns: 500 },
  );
});

/** Without the places, which move when a line is taken away. */
function outcome(tree: Tree, styles: number[]) {
  let calls = 0;
  const { app, problems } = convert(writeToml(tree, (options) => styles[calls++ % styles.length]! % options).text);
  return {
    app,
    about: problems.map(({ path }) => path),
    said: problems.map(({ path, message }) => `${path} ${message}`).sort(),
  };
}

function tables(tree: Tree): Tree[] {
  const inner = Object.values(tree).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return [
    tree,
    ...inner.filter((value): value is Tree => typeof value === 'object' && !Array.isArray(value)).flatMap(tables),
  ];
}

/** Every key whose value is no table, with the table it is in. */
function leavesOf(tree: Tree, path: (string | number)[] = []): [(string | number)[], Record<string | number, Value>][] {
  return Object.entries(tree).flatMap(([key, value]): [(string | number)[], Record<string | number, Value>][] => {
    const at = [...path, key];
    if (
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((item) => typeof item === 'object' && !Array.isArray(item))
    ) {
      return value.flatMap((item, index) => leavesOf(item as Tree, [...at, index]));
    }
    if (typeof value === 'object' && !Array.isArray(value)) return leavesOf(value, at);
    return [[at, tree]];
  });
}
