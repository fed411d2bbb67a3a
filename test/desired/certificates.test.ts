import { beforeAll, describe, expect, it } from 'vitest';
import { certificateCopy, copiedFrom, judge, originalOf, type TlsSecret } from '../../src/desired/certificates.ts';
import { readCertificate } from '../../src/gate/certificates.ts';
import { type Signed, signed } from '../gate/certificates.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const hosts = ['hello.example.com', '*.hello.example.com'];
/** Once they are made: a certificate is valid from a second that has begun by then. */
let now: Date;
let pair: Signed;
let other: Signed;

beforeAll(async () => {
  [pair, other] = await Promise.all([signed(hosts), signed(['else.example.com'])]);
  now = new Date();
});

/** A Secret as somebody has made it. */
const secretOf = ({ cert, key }: Signed, more: Partial<TlsSecret> = {}): TlsSecret => ({
  name: 'hello-tls',
  version: 'u/1',
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': base64(cert), 'tls.key': base64(key) },
  ...more,
});

describe('a certificate', () => {
  it('is served for the hosts that it names, and says when it expires', () => {
    const judged = judge('hello-tls', secretOf(pair), hosts, now);
    expect(judged).toMatchObject({ hosts, problems: [], pair: { crt: base64(pair.cert) } });
    expect(judged.expiresAt?.getTime()).toBeGreaterThan(now.getTime());
  });

  it('is not served for others, which are told', () => {
    const judged = judge('hello-tls', secretOf(pair), [...hosts, 'example.com', 'a.b.hello.example.com'], now);
    expect(judged.hosts).toEqual(hosts);
    expect(judged.problems.map(({ host, reason }) => [host, reason])).toEqual([
      ['example.com', 'CertificateMismatch'],
      ['a.b.hello.example.com', 'CertificateMismatch'],
    ]);
  });

  it('that has expired, or is not valid yet, is told and served: clients say so themselves', () => {
    const day = 86_400_000;
    const late = judge('hello-tls', secretOf(pair), hosts, new Date(now.getTime() + 2 * day));
    expect(late.problems[0]).toMatchObject({ host: hosts[0], reason: 'CertificateExpired' });
    expect(late.problems[0]?.message).toMatch(
      /^the certificate in Secret hello-tls expired on \d{4}-\d\d-\d\d: renew it$/,
    );
    const early = judge('hello-tls', secretOf(pair), hosts, new Date(now.getTime() - 2 * day));
    expect(early.problems[0]?.reason).toBe('CertificateNotYetValid');
    for (const { pair } of [late, early]) expect(pair).toBeDefined();
  });

  it.each<[string, string, () => TlsSecret | undefined]>([
    ['there is no Secret hello-tls', 'CertificateMissing', () => undefined],
    ['not of type kubernetes.io/tls', 'CertificateInvalid', () => secretOf(pair, { type: 'Opaque' })],
    ['is no certificate', 'CertificateInvalid', () => secretOf({ ...pair, cert: 'x' })],
    ['is not the key of its certificate', 'CertificateInvalid', () => secretOf({ ...pair, key: other.key })],
    ['is not the key of its certificate', 'CertificateInvalid', () => secretOf({ ...pair, key: 'x' })],
  ])('cannot be served where %s', (text, reason, made) => {
    const judged = judge('hello-tls', made(), ['hello.example.com'], now);
    expect(judged).toEqual({
      hosts: [],
      problems: [{ host: 'hello.example.com', reason, message: expect.stringContaining(text) }],
    });
  });
});

describe('the copy of a certificate', () => {
  const copyOf = (secret: TlsSecret) => {
    const { 'tls.crt': crt = '', 'tls.key': key = '' } = secret.data;
    return certificateCopy({ namespace: 'airfield', app: 'acme/hello', secret, hosts, pair: { crt, key } });
  };

  it('is what a gate reads, with nothing of the Secret but certificate and key', () => {
    const secret = secretOf(pair);
    const copy = copyOf({ ...secret, data: { ...secret.data, 'ca.crt': 'x' } });
    expect(readCertificate(copy as Parameters<typeof readCertificate>[0])).toMatchObject({ hosts });
    expect(Object.keys(copy.data ?? {})).toEqual(['tls.crt', 'tls.key']);
    expect(JSON.stringify(copy.metadata)).not.toContain(base64(pair.key).slice(0, 20));
  });

  it('knows what it is of', () => {
    const copy = copyOf(secretOf(pair));
    expect(copiedFrom(copy)).toEqual({ app: 'acme/hello', secret: 'hello-tls' });
    expect(originalOf(copy)).toEqual(secretOf(pair));
  });

  it('is not taken for the Secret once somebody has changed it', () => {
    const copy = copyOf(secretOf(pair));
    for (const data of [secretOf(other).data, { ...copy.data, 'tls.key': base64(other.key) }, {}]) {
      expect(originalOf({ ...copy, data: data as Record<string, string> })).toBeUndefined();
    }
  });

  it('has a name of its own for each Secret of each App, of at most 63 characters', () => {
    const long = 'a'.repeat(63);
    const names = [
      ['acme/hello', 'tls'],
      ['acme/hello-tls', 'tls'],
      ['acme-hello/tls', 'tls'],
      [`${long}/${long}`, 'x'.repeat(253)],
      [`${long}/${long}`, 'x'.repeat(252)],
    ].map(([app = '', name = '']) => {
      const secret = secretOf(pair, { name });
      return certificateCopy({ namespace: 'airfield', app, secret, hosts, pair: { crt: '', key: '' } }).metadata.name;
    });
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  });
});
