import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { routeSchema } from '../../src/api/route.ts';
import { certificateTable } from '../../src/gate/certificate-table.ts';
import { readCertificate } from '../../src/gate/certificates.ts';
import { type Signed, secret, signed } from './certificates.ts';

const hosts = ['a.example', '*.b.example'];
let good: Signed;
let other: Signed;
beforeAll(async () => {
  good = await signed(hosts);
  other = await signed(['other.example']);
});

describe('a Secret with a certificate', () => {
  it('is read as its key and its chain, and nothing else', () => {
    const noise = `Bag Attributes: x\n${other.key}`;
    const chain = `${noise}${good.cert}noise\n${other.cert}`;
    expect(readCertificate(secret('tls', hosts, { key: `${good.key}noise`, cert: chain }))).toEqual({
      hosts,
      pem: `${good.key}${good.cert}${other.cert}`,
    });
  });

  it('may have a key of another kind', async () => {
    for (const kind of [['rsa:2048'], ['ed25519']]) {
      const pair = await signed(['a.example'], kind);
      expect(readCertificate(secret('tls', ['a.example'], pair))).toMatchObject({ pem: `${pair.key}${pair.cert}` });
    }
  });

  const locked = ({ key }: Signed) =>
    `${createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })}`;
  const weak = 'the key or a signature is too weak: use RSA with 2048 bits or more, or P-256, and SHA-256';
  it.each<[string, () => unknown, string]>([
    ['of another type', () => ({ ...secret('tls', hosts, good), type: 'Opaque' }), 'type must be kubernetes.io/tls'],
    ['without hosts', () => secret('tls', [], good), 'annotation airfield.dev/hosts must be a JSON list of host names'],
    [
      'with hosts that are none',
      () => secret('tls', ['a b'], good),
      'annotation airfield.dev/hosts must be a JSON list of host names',
    ],
    [
      'with hosts that are no JSON',
      () => secret('tls', 'a', good),
      'annotation airfield.dev/hosts must be a JSON list of host names',
    ],
    ['without data', () => ({ ...secret('tls', hosts, good), data: undefined }), 'tls.crt must be certificates in PEM'],
    [
      'with a broken certificate',
      () => secret('tls', hosts, { ...good, cert: good.cert.replace('M', '!') }),
      'tls.crt must be certificates in PEM',
    ],
    [
      'with a broken key',
      () => secret('tls', hosts, { ...good, key: good.key.slice(0, 60) }),
      'tls.key must be a private key in PEM, without a passphrase',
    ],
    [
      'with a passphrase',
      () => secret('tls', hosts, { ...good, key: locked(good) }),
      'tls.key must be a private key in PEM, without a passphrase',
    ],
    [
      'with the key of another one',
      () => secret('tls', hosts, { ...good, key: other.key }),
      'tls.key is not the key of the first certificate in tls.crt',
    ],
    ['with a key that is too short', async () => secret('tls', hosts, await signed(hosts, ['rsa:1024'])), weak],
  ])('is refused in words: %s', async (_, make, problem) => {
    const told = readCertificate((await make()) as ReturnType<typeof secret>);
    expect(told).toBe(`Secret gates/tls: ${problem}`);
  });
});

describe('the certificates that are served', () => {
  const aged = (name: string, second: number, names: unknown, pair: Signed) =>
    secret(name, names, pair, { creationTimestamp: `2026-01-01T00:00:0${second}Z` });

  it('are those of the older Secret where two are for one host; what is wrong with one does not matter to others', () => {
    const secrets = [
      aged('younger', 3, ['a.example', 'c.example'], other),
      aged('bad', 2, ['d.example'], { ...good, key: other.key }),
      aged('older', 1, ['a.example'], good),
    ];
    const { certificates, problems } = certificateTable(secrets, []);
    expect(certificates.map((one) => one.hosts)).toEqual([['a.example'], ['c.example']]);
    expect(problems).toEqual([
      'Secret gates/bad: tls.key is not the key of the first certificate in tls.crt',
      'Secret gates/younger: a.example has the certificate of Secret gates/older: delete one',
    ]);
  });

  it('are missed where routes need them', () => {
    const route = (fields: object) =>
      routeSchema.parse({ namespace: 'acme', app: 'web', port: 443, internalPort: 8080, mode: 'http', ...fields });
    const routes = [
      route({ tls: {}, hosts: ['a.example', 'x.b.example', 'x.y.b.example', 'b.example'] }),
      route({ tls: {}, listenPort: 20_000 }),
      route({ tls: { selfSigned: true }, listenPort: 20_001, hosts: ['c.example'] }),
      route({ listenPort: 20_002, hosts: ['c.example'] }),
    ];
    expect(certificateTable([secret('tls', hosts, good)], routes).problems).toEqual([
      'acme.web.edge-443: there is no certificate for x.y.b.example: nobody can connect to it',
      'acme.web.edge-443: there is no certificate for b.example: nobody can connect to it',
      'acme.web.20000: has tls and no hosts: nobody can connect',
    ]);
  });
});
