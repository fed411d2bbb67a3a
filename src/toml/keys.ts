import { approximately, converted, either, type Key, notNeeded, notSupported, required } from './verdict.ts';

const buildIt = 'Airfield builds no images; build it with `docker build`, push it, and pass it with --image';
const sidecars = 'write its further containers as `sidecars` of a process group in the App';
const ignored = 'Fly ignores it too; remove the line';
const scheduled = 'Kubernetes chooses the node of a machine';
const wholeGib = { how: 'a GB counts as a GiB, in whole ones' };

/** Whether `max_unavailable` is neither a number of machines nor a number of percents. */
function isUneven(value: unknown): boolean {
  if (typeof value !== 'number') return false;
  const amount = value < 1 ? value * 100 : value;
  // 0.07 * 100 is 7.000000000000001.
  return Math.abs(amount - Math.round(amount)) > 1e-9;
}

/** Keys of a check; those of http checks are no keys of tcp checks. */
function check(at: string, to: string, kind: 'tcp' | 'http'): Record<string, Key> {
  const timing = {
    [`${at}.interval`]: converted(`${to}.interval`, '30s', 20_000),
    [`${at}.timeout`]: converted(`${to}.timeout`, '4s', 3000),
    [`${at}.grace_period`]: converted(`${to}.gracePeriod`, '10s', 9000),
    [`${at}.restart_limit`]: notNeeded(
      'Fly ignores it too, and a failing check restarts no machine; remove the line',
      3,
    ),
  };
  if (kind === 'tcp') return timing;
  return {
    [`${at}.path`]: converted(`${to}.path`, '/healthz'),
    [`${at}.method`]: converted(`${to}.method`, 'HEAD', 'get'),
    [`${at}.protocol`]: converted(`${to}.protocol`, 'https', 'http'),
    [`${at}.headers.<name>`]: converted(`${to}.headers.<name>`, 'Airfield', 1, true),
    [`${at}.headers[].name`]: required(`${to}.headers.<name>`, 'X-Test'),
    [`${at}.headers[].value`]: converted(`${to}.headers.<name>`, 'Airfield'),
    [`${at}.tls_skip_verify`]: converted(`${to}.tlsSkipVerify`, true, false),
    [`${at}.tls_server_name`]: converted(`${to}.tlsServerName`, 'example.com'),
    ...timing,
  };
}

function machineCheck(at: string, to: string): Record<string, Key> {
  return {
    [`${at}.image`]: converted(`${to}.image`, 'curlimages/curl:8.9.1'),
    [`${at}.entrypoint`]: converted(`${to}.entrypoint`, ['/bin/sh', '-c']),
    [`${at}.command`]: converted(`${to}.command`, ['curl http://[$FLY_TEST_MACHINE_IP]:8080']),
    [`${at}.kill_signal`]: converted(`${to}.killSignal`, 'SIGKILL'),
    [`${at}.kill_timeout`]: converted(`${to}.killTimeout`, '5s', 7),
  };
}

function httpOptions(at: string, to: string): Record<string, Key> {
  return {
    [`${at}.compress`]: converted(`${to}.compress`, true, false),
    [`${at}.h2_backend`]: converted(`${to}.h2Backend`, true, false),
    [`${at}.idle_timeout`]: converted(`${to}.idleTimeout`, 600),
    [`${at}.headers_read_timeout`]: converted(`${to}.headersReadTimeout`, 15),
    [`${at}.response.headers.<name>`]: converted(`${to}.response.headers.<name>`, 'DENY', false, ['a', 'b']),
    [`${at}.response.pristine`]: converted(`${to}.response.pristine`, true, false),
    [`${at}.replay_cache[]`]: notSupported('the gate remembers no replays', {
      path_prefix: '/',
      ttl_seconds: 60,
      type: 'cookie',
      name: 'tenant',
      allow_bypass: true,
    }),
  };
}

function tlsOptions(at: string, to: string): Record<string, Key> {
  return {
    [`${at}.alpn`]: converted(`${to}.alpn`, ['h2', 'http/1.1'], ['h2']),
    [`${at}.versions`]: converted(`${to}.versions`, ['TLSv1.3']),
    [`${at}.default_self_signed`]: converted(`${to}.defaultSelfSigned`, true, false),
  };
}

function serving(at: string, to: string): Record<string, Key> {
  return {
    [`${at}.internal_port`]: required(`${to}.internalPort`, 8080),
    [`${at}.processes`]: converted(`${to}.processes`, ['app'], 'app'),
    [`${at}.auto_stop_machines`]: converted(`${to}.autoStop`, 'stop', 'off', 'suspend', true, false),
    [`${at}.auto_start_machines`]: converted(`${to}.autoStart`, false, true),
    [`${at}.min_machines_running`]: converted(`${to}.minMachinesRunning`, 1, 0),
    [`${at}.concurrency.type`]: converted(`${to}.concurrency.type`, 'requests', 'connections'),
    [`${at}.concurrency.soft_limit`]: converted(`${to}.concurrency.softLimit`, 200),
    [`${at}.concurrency.hard_limit`]: converted(`${to}.concurrency.hardLimit`, 250),
    ...machineCheck(`${at}.machine_checks[]`, `${to}.machineChecks[]`),
  };
}

function vm(at: string, to: string): Record<string, Key> {
  return {
    [`${at}.size`]: converted(`${to}.size`, 'shared-cpu-2x', 'performance-1x'),
    [`${at}.memory`]: converted(`${to}.memory`, '2gb', 1024, '512'),
    [`${at}.memory_mb`]: converted(`${to}.memory`, 512, 768),
    [`${at}.cpu_kind`]: converted(`${to}.cpuKind`, 'performance', 'shared'),
    [`${at}.cpus`]: converted(`${to}.cpus`, 2),
    [`${at}.gpus`]: converted(`${to}.gpus`, 1),
    [`${at}.gpu_kind`]: either(`${to}.gpuKind`, `${to}.size`, 'a10', 'l40s', 'a100-pcie-40gb'),
    [`${at}.max_memory_mb`]: notSupported('a machine has a fixed memory; `memory` sets it', 4096),
    [`${at}.host_dedication_id`]: notNeeded(scheduled, 'x'),
    [`${at}.persist_rootfs`]: notSupported('what a machine writes outside of [mounts] is gone when it stops', 'always'),
    [`${at}.kernel_args`]: notSupported('machines share the kernel of their node', ['quiet']),
  };
}

const [service, port, mount, group] = [
  'spec.services[]',
  'spec.services[].ports[]',
  'spec.mounts[]',
  'spec.processes[]',
];

/**
 * Every key that flyctl reads (internal/appconfig), older ones too, by its pattern: `[]` is an element of an array of
 * tables, which may also be a single table; `<name>` is any name. The converter says what is written here of a key that
 * an App has nothing for, and takes every key that is not here for unknown.
 */
export const keys: Readonly<Record<string, Key>> = {
  app: converted('metadata.name', 'hello', 'Hello'),
  primary_region: converted('spec.primaryRegion', 'iad'),
  kill_signal: converted('spec.killSignal', 'SIGTERM'),
  kill_timeout: converted('spec.killTimeout', '2m', 120),
  swap_size_mb: converted('spec.swap', 512),
  console_command: notSupported('open a shell in a machine with `kubectl exec -it`', '/bin/bash'),
  host_dedication_id: notNeeded(scheduled, 'x'),
  machine_config: notSupported(sidecars, 'machine.json'),
  container: notNeeded('the image of the App is that of its first container', 'app'),
  'build.image': required('spec.image', 'registry.example.com/hello:1'),
  'build.builder': notSupported(buildIt, 'paketobuildpacks/builder:base'),
  'build.buildpacks': notSupported(buildIt.replace('docker build', 'pack build'), ['gcr.io/paketo-buildpacks/nodejs']),
  'build.builtin': notSupported(buildIt, 'node'),
  'build.dockerfile': notSupported(buildIt, 'Dockerfile'),
  'build.ignorefile': notSupported(buildIt, '.dockerignore'),
  'build.build-target': notSupported(buildIt, 'release'),
  'build.build_target': notSupported(buildIt, 'release'),
  'build.args': notSupported(`${buildIt} (\`--build-arg\` gives it arguments)`, { VERSION: '1' }),
  'build.settings': notSupported(buildIt, { debug: true }),
  'build.compression': notNeeded('whoever builds the image compresses it', 'zstd'),
  'build.compression_level': notNeeded('whoever builds the image compresses it', 5),
  'build.compose': notSupported(
    'write its further services as `sidecars` of a process group, or as Apps of their own',
    {
      file: 'compose.yaml',
    },
  ),
  'env.<name>': converted('spec.env.<name>', 'info', 8080, true, 0.5),
  'processes.<name>': either('spec.processes[].command', 'spec.processes[].name', 'bin/server --verbose'),
  'processes[].name': converted('spec.processes[].name', 'app'),
  'processes[].command': converted('spec.processes[].command', 'bin/server --verbose'),
  'deploy.strategy': converted('spec.deploy.strategy', 'rolling', 'immediate'),
  'deploy.max_unavailable': approximately(
    'spec.deploy.maxUnavailable',
    { how: 'a part becomes whole percents, and a number a whole one', differs: isUneven },
    0.5,
    2,
    0.125,
  ),
  'deploy.wait_timeout': converted('spec.deploy.waitTimeout', '10m', 90),
  'deploy.release_command': converted('spec.deploy.releaseCommand', 'bin/migrate'),
  'deploy.release_command_timeout': converted('spec.deploy.releaseCommandTimeout', '3m', 60),
  ...vm('deploy.release_command_vm', 'spec.deploy.releaseCommandVm'),
  'deploy.seed_command': notSupported('run it once by hand with `kubectl exec` after the first release', 'bin/seed'),
  'experimental.cmd': converted('spec.processes[].command', ['serve'], 'serve'),
  'experimental.entrypoint': converted('spec.processes[].entrypoint', ['/usr/bin/tini', '--'], 'tini'),
  'experimental.exec': converted('spec.processes[].entrypoint', ['/bin/sleep', 'inf']),
  'experimental.auto_rollback': converted('spec.deploy.autoRollback', false, true),
  'experimental.kill_timeout': converted('spec.killTimeout', '1m', 30),
  'experimental.metrics_port': converted('spec.metrics[].port', 9091),
  'experimental.metrics_path': converted('spec.metrics[].path', '/metrics'),
  'experimental.enable_consul': notSupported('run a Consul of your own and name it in [env]', true),
  'experimental.enable_etcd': notSupported('run an etcd of your own and name it in [env]', true),
  'experimental.lazy_load_images': notNeeded('the container runtime of the node decides how images are loaded', true),
  'experimental.attached': notSupported('write what the attached app exports into [env] or a Secret', {
    'secrets.export.URL': 'DATABASE_URL',
  }),
  'experimental.machine_config': notSupported(sidecars, '{}'),
  'experimental.allowed_public_ports': notNeeded(ignored, []),
  'experimental.private_network': notNeeded(ignored, true),
  ...serving('http_service', service),
  'http_service.force_https': converted(`${port}.forceHttps`, true, false),
  ...httpOptions('http_service.http_options', `${port}.httpOptions`),
  ...tlsOptions('http_service.tls_options', `${port}.tlsOptions`),
  ...check('http_service.checks[]', `${service}.checks[]`, 'http'),
  ...serving('services[]', service),
  'services[].protocol': converted(`${service}.protocol`, 'tcp', 'udp'),
  'services[].concurrency': converted(`${service}.concurrency`, '20,25'),
  'services[].ports[].port': converted(`${port}.port`, 5432, '5433'),
  'services[].ports[].start_port': converted(`${port}.startPort`, 8000),
  'services[].ports[].end_port': converted(`${port}.endPort`, 8010),
  'services[].ports[].handlers': converted(`${port}.handlers`, ['http'], 'pg_tls', ['tls', 'http', 'proxy_proto']),
  'services[].ports[].force_https': converted(`${port}.forceHttps`, true, false),
  'services[].ports[].proxy_proto_options.version': converted(`${port}.proxyProtoOptions.version`, 'v2', 'v1'),
  ...httpOptions('services[].ports[].http_options', `${port}.httpOptions`),
  ...tlsOptions('services[].ports[].tls_options', `${port}.tlsOptions`),
  ...check('services[].tcp_checks[]', `${service}.checks[]`, 'tcp'),
  ...check('services[].http_checks[]', `${service}.checks[]`, 'http'),
  'services[].script_checks': notSupported('Fly ignores them too; write an http or tcp check', [{ command: 'x' }]),
  'services[].restart_limit': notNeeded(ignored, 3),
  'checks.<name>.type': required('spec.checks[].type', 'http', 'tcp'),
  'checks.<name>.port': converted('spec.checks[].port', 9090),
  'checks.<name>.processes': converted('spec.checks[].processes', ['app']),
  ...check('checks.<name>', 'spec.checks[]', 'http'),
  'checks[].name': required('spec.checks[].name', 'up'),
  'machine_checks[]': notSupported('move them below the service they test, as [[services.machine_checks]]', {
    command: 'bin/test',
  }),
  'mounts[].source': required(`${mount}.name`, 'data', 'My_Data'),
  'mounts[].destination': required(`${mount}.destination`, '/data'),
  'mounts[].initial_size': approximately(`${mount}.size`, wholeGib, '10gb', 10),
  'mounts[].snapshot_retention': converted(`${mount}.snapshots.retentionDays`, 14),
  'mounts[].scheduled_snapshots': converted(`${mount}.snapshots`, true, false),
  'mounts[].auto_extend_size_threshold': converted(`${mount}.autoExtend.threshold`, 80),
  'mounts[].auto_extend_size_increment': approximately(`${mount}.autoExtend.increment`, wholeGib, '1gb', 5),
  'mounts[].auto_extend_size_limit': approximately(`${mount}.autoExtend.limit`, wholeGib, '100gb', 50),
  'mounts[].processes': converted(`${mount}.processes`, ['app']),
  'files[].guest_path': required('spec.files[].path', '/etc/app.conf'),
  'files[].raw_value': converted('spec.files[].content', 'debug = true'),
  'files[].secret_name': approximately(
    'spec.files[].secretKeyRef',
    { how: 'the Secret has the file itself, not base64 of it' },
    'CONFIG',
  ),
  'files[].local_path': notSupported(
    'the file is not in the App: write its content as `raw_value`, or put it into a ConfigMap and name that in files[].configMapKeyRef',
    'app.conf',
  ),
  'files[].processes': converted('spec.files[].processes', ['app']),
  ...vm('vm[]', 'spec.processes[].vm'),
  'vm[].processes': converted('spec.processes[].vm', ['app']),
  'restart[].policy': either('spec.restart.policy', `${group}.restart.policy`, 'never', 'always', 'on-failure'),
  'restart[].retries': either('spec.restart.retries', `${group}.restart.retries`, 5),
  'restart[].processes': either('spec.restart', `${group}.restart`, ['app']),
  'metrics[].port': required('spec.metrics[].port', 9091),
  'metrics[].path': converted('spec.metrics[].path', '/metrics'),
  'metrics[].https': converted('spec.metrics[].https', true, false),
  'metrics[].processes': converted('spec.metrics[].processes', ['app']),
  'statics[]': notSupported('let the app itself or an object store serve them', {
    guest_path: '/app/public',
    url_prefix: '/static',
    tigris_bucket: 'x',
    index_document: 'index.html',
  }),
};

/** Tables that had another form in earlier years, and the one whose keys they have. */
export const olderTables: Readonly<Record<string, string>> = {
  'env[]': 'env',
  'mount[]': 'mounts[]',
  'compute[]': 'vm[]',
  'computes[]': 'vm[]',
  'metric[]': 'metrics[]',
  'checks[]': 'checks.<name>',
};
