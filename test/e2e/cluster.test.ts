import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl, Namespace, until } from './kubectl.ts';

// What the other tests build on: if one of these fails, look here first.

const image = 'airfield.local/client:1';
const regions = ['iad', 'fra'] as const;

/** A pod in a region; it serves its own name on port 8080, which it calls "http". */
const pod = (name: string, region: string, spec: object = {}, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name, role: name.startsWith('web') ? 'web' : 'client' } },
  spec: {
    nodeSelector: { 'topology.kubernetes.io/region': region },
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        image,
        command: [
          'sh',
          '-c',
          'mkdir /www && hostname > /www/index.html && echo serving && exec httpd -f -p 8080 -h /www',
        ],
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        ...container,
      },
    ],
    ...spec,
  },
});

const policy = (name: string, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: { matchLabels: { role: 'web' } }, ...spec },
});

let home: Namespace;
const sh = (name: string, script: string) => home.kubectl(['exec', name, '--', 'sh', '-c', script]);
/** What `name` answers to `from`, or '' when the connection is not let through within two seconds. */
const ask = (from: string, to: string) =>
  sh(from, `timeout 2 wget -qO- http://${to} || true`).then((text) => text.trim());
const address = async (name: string) =>
  `${(await home.get<{ status: { podIP: string } }>('pod', name)).status.podIP}:8080`;

beforeAll(async () => {
  home = await Namespace.create('cluster');
  const web = { hostname: 'web', subdomain: 'internal' };
  const service = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { role: 'web' }, ...spec },
  });
  await home.apply(
    ...regions.flatMap((region) => [pod(`web-${region}`, region, web), pod(`client-${region}`, region)]),
    service('web', { ports: [{ port: 80, targetPort: 'http' }] }),
    service('internal', { clusterIP: 'None' }),
  );
  await home.wait('condition=Ready', 'pod', '--all');
});
afterAll(() => home.delete());

describe('the cluster', () => {
  it('has a node in each of two regions', async () => {
    const labels = await kubectl(['get', 'nodes', '-L', 'topology.kubernetes.io/region', '--no-headers']);
    for (const region of regions) expect(labels).toMatch(new RegExp(`Ready .*${region}`));
  });

  it.each(regions)('answers to a Service and to web.internal by name, asked in %s', async (region) => {
    // DNS and kube-proxy follow a moment after pods are ready.
    for (const name of ['web', `web.${home.name}.svc.cluster.local`, 'web.internal:8080']) {
      expect(await until(`${name} to answer`, () => ask(`client-${region}`, name))).toBe('web');
    }
  });

  it('gives out logs', async () => {
    expect(await home.kubectl(['logs', 'web-iad'])).toContain('serving');
  });

  it('provides a volume that outlives its pod', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const writer = pod('writer', 'fra', { volumes }, { volumeMounts: [{ name: 'data', mountPath: '/data' }] });
    await home.apply(claim, writer);
    await home.wait('condition=Ready', 'pod/writer');
    await sh('writer', 'echo kept > /data/file');
    await home.kubectl(['delete', 'pod', 'writer']);
    await home.apply(writer);
    await home.wait('condition=Ready', 'pod/writer');
    expect(await sh('writer', 'cat /data/file')).toBe('kept\n');
  });
});

describe('a NetworkPolicy', () => {
  it.each(regions)('closes a pod of iad to a client in %s, and opens it again for whom it names', async (region) => {
    const web = await address('web-iad');
    const client = `client-${region}`;
    expect(await ask(client, web)).toBe('web');
    await home.apply(policy('deny', {}));
    await until('the connection to be refused', async () => (await ask(client, web)) === '');
    const from = [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: [client] }] } }];
    await home.apply(policy('allow', { ingress: [{ from, ports: [{ port: 'http' }] }] }));
    await until('the connection to be let in', async () => (await ask(client, web)) === 'web');
    expect(await ask(region === 'iad' ? 'client-fra' : 'client-iad', web)).toBe('');
    await home.kubectl(['delete', 'networkpolicy', 'deny', 'allow']);
    await until('the policies to be gone', async () => (await ask('client-fra', web)) === 'web');
  });

  it('closes the way out, but for the blocks that it names', async () => {
    const [near, far] = [await address('web-iad'), await address('web-fra')];
    const role = { podSelector: { matchLabels: { app: 'client-iad' } }, policyTypes: ['Egress'] };
    const ipBlock = { cidr: '0.0.0.0/0', except: [`${far.split(':')[0]}/32`] };
    await home.apply(
      policy('egress', { ...role, egress: [{ to: [{ ipBlock }], ports: [{ port: 8000, endPort: 9000 }] }] }),
    );
    await until('the exception to hold', async () => (await ask('client-iad', far)) === '');
    expect(await ask('client-iad', near)).toBe('web');
    await home.kubectl(['delete', 'networkpolicy', 'egress']);
  });
});
