import { describe, expect, it } from 'vitest';
import { readGateConfig } from '../../src/gate/config-env.ts';

describe('the configuration of a gate', () => {
  it('needs nothing', () => {
    expect(readGateConfig({})).toMatchObject({
      namespace: undefined,
      port: 8081,
      token: undefined,
      ports: { first: 20_000, last: 29_999 },
      drainSeconds: 5,
      graceSeconds: 60,
      certificatesNamespace: undefined,
      settings: { region: 'local', addresses: ['0.0.0.0'], haproxy: 'haproxy', trustedNetworks: [], acceptProxy: [] },
    });
  });

  it('is read from the environment, in which the operator may have its own', () => {
    const config = readGateConfig({
      AIRFIELD_LEASE_NAME: 'x',
      AIRFIELD_GATE_NAMESPACE: 'acme',
      AIRFIELD_GATE_PORT: '9000',
      AIRFIELD_GATE_PORTS: '7000-7999',
      AIRFIELD_GATE_ADDRESSES: '10.0.0.1, ::',
      AIRFIELD_GATE_TRUSTED_NETWORKS: '10.0.0.0/8,fd00::/8',
      AIRFIELD_GATE_ACCEPT_PROXY: '10.1.0.0/16',
      AIRFIELD_GATE_EDGE_HTTP: '8080',
      AIRFIELD_GATE_EDGE_HTTPS: '8443',
      AIRFIELD_GATE_CERTIFICATES_NAMESPACE: 'gates',
      AIRFIELD_GATE_DRAIN: '0s',
      AIRFIELD_GATE_GRACE: '300s',
      AIRFIELD_GATE_REGION: 'fra',
    });
    expect(config).toMatchObject({
      namespace: 'acme',
      port: 9000,
      ports: { first: 7000, last: 7999 },
      drainSeconds: 0,
      graceSeconds: 300,
      certificatesNamespace: 'gates',
      settings: {
        region: 'fra',
        addresses: ['10.0.0.1', '::'],
        trustedNetworks: ['10.0.0.0/8', 'fd00::/8'],
        acceptProxy: ['10.1.0.0/16'],
        edgeHttp: 8080,
        edgeHttps: 8443,
      },
    });
  });

  it.each([
    ['AIRFIELD_GATE_PORTS', '20000', 'write the first and the last port: 20000-29999'],
    ['AIRFIELD_GATE_PORTS', '2-1', 'write ports from 1 to 65535, the lower one first'],
    ['AIRFIELD_GATE_PORTS', '40000-70000', 'write ports from 1 to 65535, the lower one first'],
    ['AIRFIELD_GATE_PORT', '20007', 'write a port that is not one of AIRFIELD_GATE_PORTS, which are those of routes'],
    [
      'AIRFIELD_GATE_EDGE_HTTP',
      '20007',
      'write a port that is not one of AIRFIELD_GATE_PORTS, which are those of routes',
    ],
    ['AIRFIELD_GATE_EDGE_HTTPS', '8081', 'write a port that is not that of AIRFIELD_GATE_PORT'],
    ['AIRFIELD_GATE_ACCEPT_PROXY', 'all', 'write networks with commas between them: 10.0.0.0/8'],
    ['AIRFIELD_GATE_CERTIFICATES_NAMESPACE', 'A', 'write a name of lower-case letters, digits and `-`'],
    [
      'AIRFIELD_GATE_DIRECTORY',
      '/tmp/a b',
      'write the path of a folder from the root on: at most 80 letters, digits, dots and dashes',
    ],
    ['AIRFIELD_GATE_ADDRESSES', 'localhost', 'write IP addresses with commas between them: 0.0.0.0'],
    ['AIRFIELD_GATE_TRUSTED_NETWORKS', '10.0.0.1', 'write networks with commas between them: 10.0.0.0/8'],
    ['AIRFIELD_GATE_TOKEN', 'short', 'write 16 to 256 letters, digits and signs'],
    [
      'AIRFIELD_GATE_DIRECTORY',
      'gate',
      'write the path of a folder from the root on: at most 80 letters, digits, dots and dashes',
    ],
    ['AIRFIELD_GATE_DRAIN', '601s', 'write whole seconds from 0s to 600s'],
    ['AIRFIELD_GATE_HAPROXY_MODE', 'container', 'write one of child, beside'],
    ['AIRFIELD_GATE_ACCESS_LOG', 'yes', 'write one of off, on'],
    ['AIRFIELD_GATE_REGION', 'Fra', 'write a name of lower-case letters, digits and `-`'],
  ])('refuses %s=%s and says what to write', (name, value, advice) => {
    expect(() => readGateConfig({ [name]: value })).toThrow(new Error(`${name}: ${advice}`));
  });

  it('refuses a setting that does not exist, so that a typing error is found', () => {
    expect(() => readGateConfig({ AIRFIELD_GATE_PROTS: '1-2' })).toThrow(
      /^AIRFIELD_GATE_PROTS: there is no such setting; there are AIRFIELD_GATE_NAMESPACE, /,
    );
  });

  it('never repeats a token', () => {
    expect(() => readGateConfig({ AIRFIELD_GATE_TOKEN: 'my secret' })).toThrow(/^(?!.*my secret)/s);
  });

  it('is not confused by what Kubernetes puts into the environment for a Service called "airfield-gate"', () => {
    const config = readGateConfig({
      AIRFIELD_GATE_SERVICE_HOST: '10.96.0.7',
      AIRFIELD_GATE_SERVICE_PORT_HTTP: '80',
      AIRFIELD_GATE_PORT: 'tcp://10.96.0.7:80',
      AIRFIELD_GATE_PORT_80_TCP: 'tcp://10.96.0.7:80',
    });
    expect(config.port).toBe(8081);
  });
});
