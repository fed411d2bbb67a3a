import fc from 'fast-check';

/** Machines as `fly machine list --json` prints them: any that Fly would take. */

const words = fc.array(fc.constantFrom('serve', '--all', 'a b', '$HOME', "it's", '#'), { minLength: 1, maxLength: 3 });
const name = fc.constantFrom('web', 'Log Shipper', 'a_b', 'x'.repeat(70), '9lives', 'fly-log');
const path = fc.constantFrom('/data', '/var/lib/x', '/a-b');
const port = fc.integer({ min: 1, max: 65535 });
const duration = fc.constantFrom('2s', '15s', '1m0s');
const some = <T>(shape: Record<string, fc.Arbitrary<T>>) => fc.record(shape, { requiredKeys: [] });
const listOf = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 2 });

const checkFields = {
  interval: duration,
  timeout: duration,
  grace_period: duration,
};
const tcpCheck = fc.record({ type: fc.constant('tcp'), port, ...checkFields });
const httpCheck = fc.record({
  type: fc.constant('http'),
  port,
  path: fc.constant('/up'),
  method: fc.constantFrom('get', 'HEAD'),
  headers: fc.constant([{ name: 'Accept', values: ['a', 'b'] }]),
  ...checkFields,
});
const check = fc.oneof(tcpCheck, httpCheck);

const service = fc.record({
  protocol: fc.constantFrom('tcp', 'udp'),
  internal_port: port,
  autostop: fc.constantFrom(true, false, 'off', 'stop', 'suspend'),
  autostart: fc.boolean(),
  min_machines_running: fc.nat(3),
  ports: listOf(
    fc.oneof(
      fc.record({ port, handlers: fc.subarray(['http', 'tls', 'proxy_proto', 'pg_tls']), force_https: fc.boolean() }),
      fc.constant({ start_port: 7000, end_port: 7009 }),
    ),
  ),
  checks: listOf(check),
  concurrency: some<unknown>({
    type: fc.constantFrom('connections', 'requests'),
    soft_limit: fc.nat(20),
    hard_limit: fc.integer({ min: 20, max: 30 }),
  }),
  force_instance_key: fc.constant(null),
});

const mount = fc.record(
  {
    path,
    volume: fc.constant('vol_1'),
    name,
    size_gb: fc.integer({ min: 1, max: 500 }),
    encrypted: fc.boolean(),
    extend_threshold_percent: fc.constantFrom(0, 50, 80),
    add_size_gb: fc.integer({ min: 1, max: 9 }),
    size_gb_limit: fc.constantFrom(0, 500),
  },
  { requiredKeys: ['path', 'add_size_gb'] },
);

const container = fc.record(
  { name, image: fc.constant('y:1'), cmd: words, entrypoint: words, exec: words, env: fc.constant({ C: '1' }) },
  { requiredKeys: ['name', 'image'] },
);

const config = fc.record(
  {
    image: fc.constantFrom('x:1', 'y:2', 'registry.fly.io/hello:1'),
    env: fc.dictionary(
      fc.constantFrom('A', 'B_2', 'FLY_REGION', 'PRIMARY_REGION', 'API_TOKEN'),
      fc.constantFrom('', 'iad', 'a b'),
    ),
    init: some<unknown>({
      cmd: words,
      entrypoint: words,
      exec: words,
      tty: fc.boolean(),
      swap_size_mb: fc.constantFrom(0, 512),
    }),
    guest: some<unknown>({
      cpu_kind: fc.constantFrom('shared', 'performance'),
      cpus: fc.constantFrom(1, 2, 3, 8),
      memory_mb: fc.constantFrom(256, 2048, 32_768),
      gpus: fc.constantFrom(0, 1),
      gpu_kind: fc.constantFrom('l40s', 'a100-pcie-40gb'),
    }),
    metadata: fc.dictionary(
      fc.constantFrom('a', 'fly_process_group', 'fly_platform_version'),
      fc.constantFrom('app', 'old', 'v2'),
    ),
    mounts: fc.uniqueArray(mount, { maxLength: 2, selector: (one) => one.path }),
    services: listOf(service),
    checks: fc.dictionary(fc.constantFrom('up', 'Ready'), check),
    metrics: fc.constant({ port: 9091, path: '/metrics' }),
    files: fc.constant([
      { guest_path: '/etc/a', raw_value: 'YQ==' },
      { guest_path: '/etc/b', secret_name: 'B' },
    ]),
    statics: fc.constant([{ guest_path: '/a', url_prefix: '/b', tigris_bucket: '', index_document: '' }]),
    restart: some<unknown>({ policy: fc.constantFrom('no', 'always', 'on-failure'), max_retries: fc.nat(10) }),
    dns: some<unknown>({
      skip_registration: fc.boolean(),
      nameservers: fc.constant(['10.0.0.1']),
      searches: fc.constant(['a.b']),
    }),
    stop_config: some<unknown>({ timeout: duration, signal: fc.constantFrom('SIGTERM', 'SIGINT') }),
    standbys: fc.constant(['e1']),
    schedule: fc.constantFrom('hourly', 'daily', 'weekly', 'monthly'),
    auto_destroy: fc.boolean(),
    containers: fc.uniqueArray(container, { maxLength: 3, selector: (one) => one.name }),
  },
  { requiredKeys: ['init'] },
);

export const anyMachine = fc.record({
  id: fc.stringMatching(/^[0-9a-f]{14}$/),
  name,
  state: fc.constantFrom('created', 'started', 'stopped', 'suspended', 'failed'),
  region: fc.constantFrom('iad', 'fra'),
  created_at: fc.constantFrom('2026-01-30T04:05:06Z', 'never'),
  cordoned: fc.boolean(),
  config,
});

/** Any value of JSON. */
export const anyJson = fc.jsonValue({ maxDepth: 2 });

/** A text of JSON with other values in the place of some of its own. */
export function changed(text: string, changes: readonly (readonly [number, unknown])[]): string {
  return changes.reduce((before, [at, value]) => {
    const values = [
      ...before.matchAll(/(?<=[:[,])("(?:[^"\\]|\\.)*"(?!:)|[\d.]+|true|false|null|\{\}|\[\])(?=[,\]}])/g),
    ];
    const found = values[at % Math.max(1, values.length)];
    if (!found) return before;
    return before.slice(0, found.index) + JSON.stringify(value) + before.slice(found.index + found[0].length);
  }, text);
}
