import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import { type Signed, signed } from '../gate/certificates.ts';
import { app } from './apps.ts';
import { Caller } from './caller.ts';
import { edgePorts } from './gate-manifests.ts';
import { Gates } from './gates.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';
import { sleeps } from './scaled-apps.ts';

/** Apps from outside: asked at the gates themselves, by the names of their hosts. */
let namespace: Namespace;
let gates: Gates;
let operator: OperatorProcess;
let caller: Caller;
let addresses: string[];
let web: Signed;
let wildcard: Signed;

beforeAll(async () => {
  [namespace, web, wildcard] = await Promise.all([
    Namespace.create('edge'),
    signed(['web.example.test', 'sleepy.example.test']),
    signed(['*.apps.test']),
  ]);
  gates = await Gates.start({ edge: true, env: { AIRFIELD_GATE_NAMESPACE: namespace.name } });
  addresses = (await gates.pods()).map(({ address }) => address);
  operator = await OperatorProcess.startInside(namespace, {
    env: {
      AIRFIELD_EDGE: 'gate',
      AIRFIELD_BASE_DOMAIN: 'apps.test',
      AIRFIELD_GATES_NAMESPACE: gates.namespace,
      AIRFIELD_GATES_CERTIFICATES_NAMESPACE: gates.certificates,
      AIRFIELD_GATES_TOKEN: gates.token,
      AIRFIELD_STOP_AFTER: '3s',
    },
  });
  await namespace.apply(
    tlsSecret('web-tls', web),
    echo('web', { domains: [{ host: 'web.example.test', tlsSecretName: 'web-tls' }] }),
    echo('sleepy', { domains: [{ host: 'sleepy.example.test', tlsSecretName: 'web-tls' }] }),
    echo('renewed', { domains: [{ host: 'renewed.example.test', tlsSecretName: 'renewed-tls' }] }),
    echo('bare', { domains: [{ host: 'bare.example.test', tlsSecretName: 'bare-tls' }] }),
  );
  const metadata = {
    labels: { 'airfield.dev/certificate': 'base-domain' },
    annotations: { 'airfield.dev/hosts': '["*.apps.test"]' },
  };
  await new Namespace(gates.certificates).apply(tlsSecret('apps-tls', wildcard, metadata));
  caller = await Caller.start(namespace);
});
afterAll(async () => {
  await Promise.all([namespace?.delete(), gates?.stop()]);
  await operator?.stop();
});

const tlsSecret = (name: string, { cert, key }: Signed, metadata: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name, ...metadata } },
  stringData: { 'tls.crt': cert, 'tls.key': key },
});

const echo = (name: string, more: Partial<AppSpecInput>) =>
  app(name, {
    image: 'airfield.local/echo:1',
    services: [
      {
        internalPort: 8080,
        autoStop: 'stop',
        ports: [
          { port: 80, handlers: ['http'], forceHttps: true },
          { port: 443, handlers: ['tls', 'http'] },
        ],
      },
    ],
    ...more,
  });

const toHttp = (host = addresses[0] ?? '') => ({ at: { host, port: edgePorts.http } });
const toHttps = ({ cert }: Signed, host = addresses[0] ?? '') => ({ at: { host, port: edgePorts.https }, ca: cert });

/** Waits until each gate serves a host with this certificate. */
async function isServed(host: string, pair: Signed): Promise<void> {
  for (const address of addresses) {
    const asked = () => caller.get(`https://${host}/`, toHttps(pair, address));
    await until(`${host} to be served by ${address}`, async () => (await asked()).status === 200);
  }
}

async function domains(name: string) {
  const { status } = await namespace.get<{ status?: AppStatus }>('app', name);
  return status?.conditions?.find(({ type }) => type === 'DomainsImpaired');
}

describe.concurrent('an App with a domain', () => {
  it('is started for whoever asks for it by https, and has its own certificate', async () => {
    await isServed('web.example.test', web);
    await sleeps(namespace, 'sleepy');
    const { status, body } = await caller.get('https://sleepy.example.test/', toHttps(web));
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      machine: expect.stringMatching(/^sleepy-app-/),
      headers: { host: 'sleepy.example.test', 'fly-client-ip': caller.address, 'x-forwarded-proto': 'https' },
    });
  });

  it('is served by HTTP/2 as well', async () => {
    await isServed('web.example.test', web);
    const { status, body } = await caller.getHttp2('https://web.example.test/', toHttps(web));
    expect([status, JSON.parse(body).headers.host]).toEqual([200, 'web.example.test']);
  });

  it('is led to https from http', async () => {
    await isServed('web.example.test', web);
    const { status, headers } = await caller.get('http://web.example.test/page?number=1', toHttp());
    expect([status, headers.location]).toEqual([301, 'https://web.example.test/page?number=1']);
  });

  it('has its name under the base domain, too', async () => {
    await isServed('web.apps.test', wildcard);
    expect((await namespace.get<{ status: AppStatus }>('app', 'web')).status.urls).toEqual(
      expect.arrayContaining(['https://web.example.test', 'https://web.apps.test']),
    );
  });

  it('is nobody else: another host is answered with 404', async () => {
    await isServed('web.example.test', web);
    expect((await caller.get('http://other.example.test/', toHttp())).status).toBe(404);
    const { at, ca } = toHttps(web);
    const otherHost = { at: { ...at, servername: 'web.example.test' }, ca };
    expect((await caller.get('https://other.example.test/', otherHost)).status).toBe(404);
  });

  it('says that its certificate is missing, and is served as soon as it is there', async () => {
    const missing = await until('what is wrong with its domain', () => domains('bare'));
    expect(missing).toMatchObject({ status: 'True', reason: 'CertificateMissing' });
    expect(missing?.message).toContain('there is no Secret bare-tls: make it, of type kubernetes.io/tls');
    const bare = await signed(['bare.example.test']);
    await namespace.apply(tlsSecret('bare-tls', bare));
    await isServed('bare.example.test', bare);
    await until('nothing to be wrong any more', async () => (await domains('bare')) === undefined);
  });

  it('is served without a break while its certificate is renewed', async () => {
    const [old, renewed] = await Promise.all([signed(['renewed.example.test']), signed(['renewed.example.test'])]);
    await namespace.apply(tlsSecret('renewed-tls', old));
    await isServed('renewed.example.test', old);
    const options = { host: 'renewed.example.test', port: edgePorts.https, addresses, ca: [old.cert, renewed.cert] };
    const asked = caller.node(askUntilRenewed, JSON.stringify(options));
    await caller.waitForFile('/tmp/asked-with-old');
    await namespace.apply(tlsSecret('renewed-tls', renewed));
    expect(JSON.parse(await asked)).toEqual([]);
  });
});

/** Asks all gates without a break, each time on a connection of its own, until all serve the second certificate; prints what failed. */
const askUntilRenewed = `
  const { host, port, addresses, ca } = JSON.parse(process.argv[1]);
  const [old, renewed] = ca.map((pem) => new crypto.X509Certificate(pem).fingerprint256);
  const failures = [];
  const ask = (address) => new Promise((resolve) => {
    const to = { host: address, port, servername: host, headers: { host }, agent: false, ca };
    const failed = (why) => { failures.push(address + ': ' + why); resolve(); };
    https.get(to, (answer) => {
      const { fingerprint256 } = answer.socket.getPeerCertificate();
      if (answer.statusCode !== 200) failed('answered ' + answer.statusCode);
      answer.resume().on('error', failed).on('end', () => resolve(fingerprint256));
    }).on('error', failed);
  });
  (async () => {
    for (let times = 0; times < 10; ) {
      const served = await Promise.all(addresses.map(ask));
      times = served.every((one) => one === renewed) ? times + 1 : 0;
      if (served.every((one) => one === old)) fs.writeFileSync('/tmp/asked-with-old', '');
    }
    console.log(JSON.stringify(failures.slice(0, 20)));
  })();`;
