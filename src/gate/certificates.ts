import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import * as z from 'zod';
import { certificateHostsAnnotation } from '../api/meta.ts';
import { hostName } from '../api/route.ts';
import type { KubeObject } from '../kube/types.ts';

/** A certificate with its key, and the hosts that it is for. */
export interface Certificate {
  readonly hosts: readonly string[];
  /** Key and chain. Never to be logged. */
  readonly pem: string;
}

/** A core Secret. */
export interface CertificateSecret extends KubeObject {
  readonly type?: string;
  /** In base64. */
  readonly data?: Readonly<Record<string, string>>;
}

const hostsSchema = z.array(hostName).min(1);
const blocks = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What a Secret holds, or in words why it cannot be served; never anything of the key. */
export function readCertificate(secret: CertificateSecret): Certificate | string {
  const place = `Secret ${secret.metadata.namespace}/${secret.metadata.name}`;
  if (secret.type !== 'kubernetes.io/tls') return `${place}: type must be kubernetes.io/tls`;
  const hosts = readHosts(secret.metadata.annotations?.[certificateHostsAnnotation]);
  if (!hosts) return `${place}: annotation ${certificateHostsAnnotation} must be a JSON list of host names`;
  try {
    return { hosts, pem: pemOf(textOf(secret, 'tls.key'), textOf(secret, 'tls.crt')) };
  } catch (error) {
    return `${place}: ${(error as Error).message}`;
  }
}

function readHosts(text = ''): string[] | undefined {
  try {
    return hostsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const textOf = ({ data }: CertificateSecret, key: string) => Buffer.from(data?.[key] ?? '', 'base64').toString();

/** Only what has been understood is written, so that HAProxy reads nothing else. */
function pemOf(keyText: string, chainText: string): string {
  const chain = attempt('tls.crt must be certificates in PEM', () =>
    (chainText.match(blocks) ?? []).map((block) => new X509Certificate(block)),
  );
  const [first] = chain;
  if (!first) throw new Error('tls.crt must be certificates in PEM');
  const key = attempt('tls.key must be a private key in PEM, without a passphrase', () => createPrivateKey(keyText));
  if (!first.checkPrivateKey(key)) throw new Error('tls.key is not the key of the first certificate in tls.crt');
  const pem = { key: `${key.export({ type: 'pkcs8', format: 'pem' })}`, cert: chain.join('') };
  // Keys and signatures that are too weak keep all of HAProxy from its configuration: OpenSSL is asked before.
  attempt('the key or a signature is too weak: use RSA with 2048 bits or more, or P-256, and SHA-256', () =>
    createSecureContext({ ...pem, ciphers: 'DEFAULT@SECLEVEL=2' }),
  );
  return `${pem.key}${pem.cert}`;
}

/** What OpenSSL says itself is left out: it may quote what it has read. */
function attempt<T>(problem: string, compute: () => T): T {
  try {
    return compute();
  } catch {
    throw new Error(problem);
  }
}
