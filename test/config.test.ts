import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

describe('the configuration', () => {
  it('needs nothing: it watches all namespaces and listens on 8080', () => {
    expect(readConfig({})).toMatchObject({
      namespace: undefined,
      port: 8080,
      logLevel: 'info',
      lease: { name: 'airfield-operator' },
      stopHook: 'auto',
      settings: {
        podSecurity: 'baseline',
        clusterDomain: 'cluster.local',
        ingressNamespaces: [],
        drainSeconds: 5,
        dnsRewrite: false,
      },
    });
  });

  it('is read from the environment', () => {
    const config = readConfig({
      PATH: '/bin',
      AIRFIELD_NAMESPACE: 'acme',
      AIRFIELD_PORT: '9000',
      AIRFIELD_LOG_LEVEL: 'debug',
      AIRFIELD_POD_SECURITY: 'restricted',
      AIRFIELD_INGRESS_NAMESPACES: 'ingress-nginx, traefik,',
      AIRFIELD_MONITORING_NAMESPACES: 'monitoring',
      AIRFIELD_PAUSE_IMAGE: 'registry.example.com/pause:1',
      AIRFIELD_STOP_HOOK: 'shell',
      AIRFIELD_DRAIN: '12s',
      AIRFIELD_DNS_REWRITE: 'on',
    });
    expect(config).toMatchObject({ namespace: 'acme', port: 9000, logLevel: 'debug', stopHook: 'shell' });
    expect(config.settings).toMatchObject({
      podSecurity: 'restricted',
      ingressNamespaces: ['ingress-nginx', 'traefik'],
      monitoringNamespaces: ['monitoring'],
      pauseImage: 'registry.example.com/pause:1',
      drainSeconds: 12,
      dnsRewrite: true,
    });
  });

  it('knows which nodes are in which region', () => {
    expect(readConfig({}).settings.regions).toEqual({ mode: 'prefer', labels: {} });
    const config = readConfig({
      AIRFIELD_REGIONS: 'iad=us-east-1, fra=eu-central-1|eu-west-1,',
      AIRFIELD_REGION_MODE: 'require',
    });
    expect(config.settings.regions).toEqual({
      mode: 'require',
      labels: { iad: ['us-east-1'], fra: ['eu-central-1', 'eu-west-1'] },
    });
  });

  it('gives each process an identity of its own', () => {
    expect(readConfig({}).lease.identity).toContain(String(process.pid));
  });

  it('cannot be changed', () => {
    const config = readConfig({});
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.settings, { podSecurity: 'restricted' })).toThrow(TypeError);
  });

  it.each([
    ['AIRFIELD_PORT', 'http', 'write a whole number from 0 to 65535'],
    ['AIRFIELD_PORT', '70000', 'write a whole number from 0 to 65535'],
    ['AIRFIELD_PORT', '80.5', 'write a whole number from 0 to 65535'],
    ['AIRFIELD_CONCURRENCY', '0', 'write a whole number from 1 to 256'],
    ['AIRFIELD_LOG_LEVEL', 'loud', 'write one of trace, debug, info, warn, error, fatal'],
    ['AIRFIELD_POD_SECURITY', 'none', 'write one of baseline, restricted'],
    ['AIRFIELD_CLUSTER_DOMAIN', 'a b', 'write a domain such as cluster.local'],
    ['AIRFIELD_INGRESS_NAMESPACES', 'ok,Not_ok', 'write a name of lower-case letters, digits and `-`'],
    ...['iad', 'iad=', 'iad=us-east-1|', 'IAD=us-east-1', 'iad=us east', 'iad=a=b'].map((value) => [
      'AIRFIELD_REGIONS',
      value,
      'write regions with values of the node label: iad=us-east-1,fra=eu-central-1|eu-west-1',
    ]),
    [
      'AIRFIELD_REGIONS',
      'fra=a,fra=b',
      'write each region once, its values with `|` between them: fra=eu-central-1|eu-west-1',
    ],
    ['AIRFIELD_REGION_MODE', 'maybe', 'write one of prefer, require'],
    ['AIRFIELD_MONITORING_NAMESPACES', 'Not_ok', 'write a name of lower-case letters, digits and `-`'],
    ['AIRFIELD_PAUSE_IMAGE', 'a b', 'write an image such as registry.k8s.io/pause:3.10'],
    ['AIRFIELD_STOP_HOOK', 'magic', 'write one of auto, amd64, arm64, shell, native'],
    ['AIRFIELD_DRAIN', '61s', 'write whole seconds from 0s to 60s'],
    ['AIRFIELD_DRAIN', '5', 'write whole seconds from 0s to 60s'],
    ['AIRFIELD_NAMESPACE', 'Acme', 'write a name of lower-case letters, digits and `-`'],
  ])('refuses %s=%s and says what to write', (name, value, advice) => {
    expect(() => readConfig({ [name]: value })).toThrow(new Error(`${name}: ${advice}`));
  });

  it('says where gates are and read certificates, which is one namespace unless there is another one', () => {
    expect(readConfig({}).settings.gates).toBeUndefined();
    const gates = { AIRFIELD_GATES_NAMESPACE: 'airfield' };
    expect(readConfig(gates).settings.gates).toEqual({
      namespace: 'airfield',
      ports: { first: 20_000, last: 29_999 },
      policies: false,
      certificates: 'airfield',
    });
    const more = { AIRFIELD_GATES_POLICIES: 'on', AIRFIELD_GATES_CERTIFICATES_NAMESPACE: 'certificates' };
    expect(readConfig({ ...gates, ...more }).settings.gates).toMatchObject({
      policies: true,
      certificates: 'certificates',
    });
  });

  it('says who serves Apps from outside', () => {
    expect(readConfig({}).settings).toMatchObject({ edge: undefined, rawPorts: 'none' });
    const gates = { AIRFIELD_GATES_NAMESPACE: 'airfield' };
    const read = (env: Record<string, string>) => readConfig(env).settings;
    expect(read({ AIRFIELD_EDGE: 'gate', ...gates, AIRFIELD_BASE_DOMAIN: 'apps.example.com' }).edge).toEqual({
      kind: 'gate',
      baseDomain: 'apps.example.com',
    });
    expect(read({ AIRFIELD_EDGE: 'ingress', AIRFIELD_INGRESS_CLASS: 'nginx' }).edge).toEqual({
      kind: 'ingress',
      ingressClass: 'nginx',
    });
    expect(read({ AIRFIELD_EDGE: 'httproute', AIRFIELD_GATEWAY: 'infra/public' }).edge).toEqual({
      kind: 'httproute',
      gateway: { namespace: 'infra', name: 'public' },
    });
    expect(read({ AIRFIELD_RAW_PORTS: 'loadBalancer' }).rawPorts).toBe('loadBalancer');
  });

  it.each<[string, Record<string, string>]>([
    ['AIRFIELD_EDGE: gate needs gates: write their namespace into AIRFIELD_GATES_NAMESPACE', { AIRFIELD_EDGE: 'gate' }],
    [
      'AIRFIELD_EDGE: httproute needs a Gateway: write its NAMESPACE/NAME into AIRFIELD_GATEWAY',
      { AIRFIELD_EDGE: 'httproute' },
    ],
    [
      'AIRFIELD_BASE_DOMAIN: needs an edge: write gate, ingress or httproute into AIRFIELD_EDGE, or remove it',
      { AIRFIELD_BASE_DOMAIN: 'apps.example.com' },
    ],
    [
      'AIRFIELD_INGRESS_CLASS: needs AIRFIELD_EDGE=ingress: write that, or remove it',
      { AIRFIELD_EDGE: 'httproute', AIRFIELD_GATEWAY: 'a/b', AIRFIELD_INGRESS_CLASS: 'nginx' },
    ],
    ['AIRFIELD_GATEWAY: needs AIRFIELD_EDGE=httproute: write that, or remove it', { AIRFIELD_GATEWAY: 'a/b' }],
    ['AIRFIELD_GATEWAY: write NAMESPACE/NAME of a Gateway', { AIRFIELD_EDGE: 'httproute', AIRFIELD_GATEWAY: 'public' }],
    [
      'AIRFIELD_BASE_DOMAIN: write a domain such as apps.example.com',
      { AIRFIELD_EDGE: 'ingress', AIRFIELD_BASE_DOMAIN: '*.example.com' },
    ],
  ])('refuses settings that contradict each other: %s', (line, env) => {
    expect(() => readConfig(env)).toThrow(new Error(line));
  });

  it('names every mistake at once, one per line', () => {
    const read = () => readConfig({ AIRFIELD_PORT: 'x', AIRFIELD_LOG_LEVEL: 'y' });
    expect(read).toThrow(/^AIRFIELD_PORT: .*\nAIRFIELD_LOG_LEVEL: .*$/);
  });

  it('refuses a setting that does not exist, so that a typing error is found', () => {
    expect(() => readConfig({ AIRFIELD_LOGLEVEL: 'debug' })).toThrow(/^AIRFIELD_LOGLEVEL: there is no such setting/);
  });

  it('takes a variable that is empty for one that is not there', () => {
    expect(readConfig({ AIRFIELD_PORT: '', AIRFIELD_LOG_LEVEL: '', AIRFIELD_LEASE_NAMESPACE: '' })).toMatchObject({
      port: 8080,
      logLevel: 'info',
      lease: { namespace: 'default' },
    });
  });

  it('is not confused by what Kubernetes puts into the environment for a Service called "airfield"', () => {
    const config = readConfig({
      AIRFIELD_SERVICE_HOST: '10.96.0.7',
      AIRFIELD_SERVICE_PORT: '8080',
      AIRFIELD_SERVICE_PORT_METRICS: '8080',
      AIRFIELD_PORT: 'tcp://10.96.0.7:8080',
      AIRFIELD_PORT_8080_TCP: 'tcp://10.96.0.7:8080',
      AIRFIELD_PORT_8080_TCP_ADDR: '10.96.0.7',
      AIRFIELD_OPERATOR_SERVICE_HOST: '10.96.0.8',
      AIRFIELD_OPERATOR_PORT: 'tcp://10.96.0.8:8080',
    });
    expect(config.port).toBe(8080);
  });
});
