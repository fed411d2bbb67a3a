import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { authOf, inClusterNamespace, loadKubeConfig } from '../../src/kube/auth.ts';
import { Client } from '../../src/kube/client.ts';
import { configMaps } from '../../src/kube/resources.ts';
import { FakeApi } from './fake-api.ts';
import { ManualClock } from './time.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'airfield-auth-'));
  vi.stubEnv('KUBECONFIG', '');
  vi.stubEnv('HOME', dir);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

interface Parts {
  cluster?: object;
  user?: object;
  namespace?: string;
}

function kubeconfig(name: string, { cluster = {}, user = { token: 'secret' }, namespace }: Parts = {}): string {
  const path = join(dir, name);
  const config = {
    clusters: [{ name, cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  };
  writeFileSync(path, stringify(config, { aliasDuplicateObjects: false }));
  return path;
}

const authFrom = (path: string, clock?: ManualClock) => authOf(() => loadKubeConfig({ path }), clock);

describe('the kubeconfig', () => {
  it('is said to be missing in one line', () => {
    expect(() => loadKubeConfig()).toThrow('No kubeconfig: set KUBECONFIG, or put one at ~/.kube/config');
    vi.stubEnv('KUBECONFIG', '/nowhere/config');
    expect(() => loadKubeConfig()).toThrow('KUBECONFIG names /nowhere/config, which does not exist');
    expect(() => loadKubeConfig({ path: '/nowhere/config' })).toThrow('Cannot read the kubeconfig /nowhere/config');
  });

  it('without the context asked for tells which ones there are', () => {
    const path = kubeconfig('one');
    expect(() => loadKubeConfig({ path, context: 'two' })).toThrow(`No context "two" in ${path}; it has one`);
  });

  it('may be several files, of which the first decides and missing ones are passed over', () => {
    vi.stubEnv('KUBECONFIG', ['/nowhere', kubeconfig('one'), kubeconfig('two')].join(delimiter));
    expect(loadKubeConfig().getCurrentContext()).toBe('one');
    expect(loadKubeConfig({ context: 'two' }).getCurrentCluster()?.name).toBe('two');
  });

  it('gives the server, its authority, and the namespace of the context', async () => {
    const data = Buffer.from('authority').toString('base64');
    const path = kubeconfig('one', { namespace: 'acme', cluster: { 'certificate-authority-data': data } });
    const auth = await authFrom(path);
    expect(auth.server.href).toBe('https://10.0.0.1:6443/');
    expect(String(auth.tls.ca)).toBe('authority');
    expect(auth.namespace).toBe('acme');
    expect((await authFrom(kubeconfig('two'))).namespace).toBe('default');
  });

  it('may not send credentials in clear text, except on this machine', async () => {
    const server = (address: string) => kubeconfig('one', { cluster: { server: address } });
    await expect(authFrom(server('http://10.0.0.1:8080'))).rejects.toThrow('is not https');
    expect((await authFrom(server('http://127.0.0.1:8001'))).server.port).toBe('8001');
  });
});

describe('credentials', () => {
  it('of a token and of a password become the header', async () => {
    expect(await (await authFrom(kubeconfig('one'))).headers()).toEqual({ authorization: 'Bearer secret' });
    const basic = kubeconfig('two', { user: { username: 'jo', password: 'pw' } });
    const header = `Basic ${Buffer.from('jo:pw').toString('base64')}`;
    expect((await (await authFrom(basic)).headers()).authorization).toBe(header);
  });

  it('are asked for again every 30 s, and at once when they were refused', async () => {
    const clock = new ManualClock();
    const tokenFile = join(dir, 'token');
    const script = join(dir, 'plugin.cjs');
    writeFileSync(tokenFile, 'first');
    writeFileSync(
      script,
      `const token = require('fs').readFileSync(${JSON.stringify(tokenFile)}, 'utf8');
       console.log(JSON.stringify({ status: { token, expirationTimestamp: '2001-01-01T00:00:00Z' } }));`,
    );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [script] };
    const auth = await authFrom(kubeconfig('one', { user: { exec } }), clock);
    writeFileSync(tokenFile, 'second');
    expect((await auth.headers()).authorization).toBe('Bearer first');
    expect((await auth.headers('Bearer other')).authorization).toBe('Bearer first');
    expect((await auth.headers('Bearer first')).authorization).toBe('Bearer second');
    writeFileSync(tokenFile, 'third');
    expect((await auth.headers()).authorization).toBe('Bearer second');
    clock.leap(30_000);
    expect((await auth.headers()).authorization).toBe('Bearer third');
  });

  it('that a plugin cannot give are told in one line', async () => {
    const exec = { command: process.execPath, args: ['-e', 'console.error("log in\\nfirst"); process.exit(1)'] };
    await expect(authFrom(kubeconfig('one', { user: { exec } }))).rejects.toMatchObject({
      status: 401,
      message: "Unauthorized: the kubeconfig's credentials cannot be read: log in first",
    });
  });
});

describe('a proxy', () => {
  it('named in the kubeconfig is gone through, and its connections are kept', async () => {
    const api = await FakeApi.start();
    const proxy = await startProxy();
    const path = kubeconfig('one', { cluster: { server: api.url.origin, 'proxy-url': proxy.url } });
    const client = new Client({ auth: await authFrom(path) });
    for (let n = 0; n < 10; n++) await client.list(configMaps);
    expect(proxy.tunnels).toEqual([api.url.host]);
    client.close();
    proxy.stop();
    await api.stop();
  });
});

it('knows the namespace of its own pod, and that there is none outside a cluster', () => {
  writeFileSync(join(dir, 'namespace'), 'airfield-system\n');
  expect(inClusterNamespace(dir)).toBe('airfield-system');
  expect(inClusterNamespace(join(dir, 'nowhere'))).toBeUndefined();
});

async function startProxy(): Promise<{ url: string; tunnels: string[]; stop: () => void }> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer().on('connect', (request, client: Socket) => {
    tunnels.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const upstream = dial(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels, stop };
}
