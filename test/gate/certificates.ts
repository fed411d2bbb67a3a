import { createPrivateKey } from 'node:crypto';
import type { Certificate, CertificateSecret } from '../../src/gate/certificates.ts';
import { run } from '../cluster/exec.ts';

/** Certificates that are signed by themselves. Node makes keys, but no certificates. */

export interface Signed {
  readonly key: string;
  readonly cert: string;
}

/** `kind`: what `openssl req` says of the key. */
export async function signed(
  hosts: readonly string[],
  kind = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
): Promise<Signed> {
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names}`];
  const out = ['-nodes', '-days', '1', '-keyout', '-', '-out', '-'];
  const both = await run('openssl', ['req', '-x509', '-newkey', ...kind, ...subject, ...out]);
  const at = both.indexOf('-----BEGIN CERTIFICATE-----');
  const key = createPrivateKey(both.slice(0, at)).export({ type: 'pkcs8', format: 'pem' });
  return { key: `${key}`, cert: both.slice(at) };
}

/** As a gate has it. */
export async function certificate(...hosts: string[]): Promise<Certificate & Signed> {
  const pair = await signed(hosts);
  return { hosts, pem: `${pair.key}${pair.cert}`, ...pair };
}

/** As the cluster has it. */
export function secret(name: string, hosts: unknown, { key, cert }: Signed, metadata: object = {}): CertificateSecret {
  const annotations = { 'airfield.dev/hosts': typeof hosts === 'string' ? hosts : JSON.stringify(hosts) };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace: 'gates', annotations, ...metadata },
    data: { 'tls.key': base64(key), 'tls.crt': base64(cert) },
  };
}
