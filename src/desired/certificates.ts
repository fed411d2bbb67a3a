import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { CoreSecret } from '../api/kubernetes.ts';
import { certificateHostsAnnotation, group, label, manager } from '../api/meta.ts';
import type { DomainProblem } from './hosts.ts';
import { certificateCopyName } from './names.ts';

/** Which Secret of which App a copy is of: `namespace/app/secret`. */
const copiedFromAnnotation = `${group}/copied-from`;
/** Which version of it, and which certificate is in it. */
const copiedVersionAnnotation = `${group}/copied-version`;

/** A core Secret with a certificate, as it is read. Never to be logged. */
export interface TlsSecret {
  readonly name: string;
  /** Changes whenever the Secret does. */
  readonly version: string;
  readonly type?: string | undefined;
  /** In base64. */
  readonly data: Readonly<Record<string, string>>;
}

/** A certificate with its key, both in base64 of PEM. Never to be logged. */
interface Pair {
  readonly crt: string;
  readonly key: string;
}

/** What can be made of a Secret. */
export interface Judged {
  /** Those of the hosts that it can be served for. */
  readonly hosts: readonly string[];
  readonly pair?: Pair;
  /** Never anything of what is in it. */
  readonly problems: readonly DomainProblem[];
  /** When it expires, if that is still to come. */
  readonly expiresAt?: Date;
}

/** Whether the certificate in a Secret can be served for these hosts. One that has expired can: that says why. */
export function judge(name: string, secret: TlsSecret | undefined, hosts: readonly string[], now: Date): Judged {
  const all = (reason: string, message: string): Judged => ({
    hosts: [],
    problems: hosts.map((host) => ({ host, reason, message })),
  });
  if (!secret) return all('CertificateMissing', `there is no Secret ${name}: make it, of type kubernetes.io/tls`);
  if (secret.type !== 'kubernetes.io/tls')
    return all('CertificateInvalid', `Secret ${name} is not of type kubernetes.io/tls: make it of that type`);
  const { 'tls.crt': crt = '', 'tls.key': key = '' } = secret.data;
  const certificate = certificateIn(crt);
  if (!certificate)
    return all('CertificateInvalid', `tls.crt of Secret ${name} is no certificate in PEM: issue it anew`);
  if (!isKeyOf(certificate, key)) {
    return all(
      'CertificateInvalid',
      `tls.key of Secret ${name} is not the key of its certificate, in PEM: issue both anew`,
    );
  }
  const covered = hosts.filter((host) => certificate.checkHost(host, { subject: 'never' }) !== undefined);
  const others = hosts.filter((host) => !covered.includes(host));
  const { problems, ...validity } = validityOf(name, certificate, covered, now);
  const message = `the certificate in Secret ${name} is for other hosts: issue one that names this host`;
  const mismatch = others.map((host) => ({ host, reason: 'CertificateMismatch', message }));
  return { hosts: covered, pair: { crt, key }, problems: [...mismatch, ...problems], ...validity };
}

function validityOf(name: string, { validFrom, validTo }: X509Certificate, hosts: readonly string[], now: Date) {
  const [from, to] = [new Date(validFrom), new Date(validTo)];
  const problem = (reason: string, message: string) => hosts.map((host) => ({ host, reason, message }));
  const about = `the certificate in Secret ${name}`;
  if (to <= now) return { problems: problem('CertificateExpired', `${about} expired on ${dayOf(to)}: renew it`) };
  const early = `${about} is not valid before ${dayOf(from)}: issue one that is`;
  return { problems: from > now ? problem('CertificateNotYetValid', early) : [], expiresAt: to };
}

const dayOf = (date: Date) => date.toISOString().slice(0, 10);
const decoded = (text: string) => Buffer.from(text, 'base64');

function certificateIn(crt: string): X509Certificate | undefined {
  try {
    return new X509Certificate(decoded(crt));
  } catch {
    return undefined;
  }
}

function isKeyOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(decoded(key)));
  } catch {
    return false;
  }
}

export interface CopyOf {
  /** Where gates read it. */
  readonly namespace: string;
  /** `namespace/name`. */
  readonly app: string;
  readonly secret: Pick<TlsSecret, 'name' | 'version'>;
  readonly hosts: readonly string[];
  readonly pair: Pair;
}

/** The copy by which gates serve a certificate of an App: nothing of the Secret but the certificate and its key. */
export function certificateCopy({ namespace, app, secret, hosts, pair }: CopyOf): CoreSecret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: certificateCopyName(app, secret.name),
      namespace,
      // Not that of an App, which would be one of this namespace.
      labels: { [label.name]: 'airfield', [label.managedBy]: manager, [label.certificate]: 'app' },
      annotations: {
        [certificateHostsAnnotation]: JSON.stringify(hosts),
        [copiedFromAnnotation]: `${app}/${secret.name}`,
        [copiedVersionAnnotation]: `${secret.version} ${digest(pair.crt)}`,
      },
    },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': pair.crt, 'tls.key': pair.key },
  };
}

/** A copy as it is read back. */
export interface StoredCopy {
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly type?: string;
  readonly data?: Record<string, string>;
}

/** `namespace/name` of the App that a copy is of, and name of the Secret there. */
export function copiedFrom({ metadata }: StoredCopy): { app: string; secret: string } | undefined {
  const [namespace, app, secret] = metadata.annotations?.[copiedFromAnnotation]?.split('/') ?? [];
  return namespace && app && secret ? { app: `${namespace}/${app}`, secret } : undefined;
}

/** The hosts that a copy is served for; none where somebody has written something else. */
export function hostsOfCopy({ metadata }: StoredCopy): string[] {
  try {
    const hosts: unknown = JSON.parse(metadata.annotations?.[certificateHostsAnnotation] ?? '');
    return Array.isArray(hosts) ? hosts.filter((host) => typeof host === 'string') : [];
  } catch {
    return [];
  }
}

/** When the certificate in a copy expires, or has expired; undefined where there is none. */
export function certificateExpiry({ data = {} }: StoredCopy): Date | undefined {
  const certificate = certificateIn(data['tls.crt'] ?? '');
  return certificate && new Date(certificate.validTo);
}

/** The Secret that a copy is of, as it was; undefined where somebody has put something else into it. */
export function originalOf(copy: StoredCopy): TlsSecret | undefined {
  const { data = {}, type, metadata } = copy;
  const from = copiedFrom(copy);
  const [version, hash] = metadata.annotations?.[copiedVersionAnnotation]?.split(' ') ?? [];
  const { 'tls.crt': crt = '', 'tls.key': key = '' } = data;
  const certificate = certificateIn(crt);
  if (!from || !version || hash !== digest(crt) || !certificate || !isKeyOf(certificate, key)) return undefined;
  return { name: from.secret, version, type, data: { 'tls.crt': crt, 'tls.key': key } };
}

const digest = (crt: string) => createHash('sha256').update(crt).digest('hex').slice(0, 16);
