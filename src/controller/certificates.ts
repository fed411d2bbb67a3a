import type { CoreSecret } from '../api/kubernetes.ts';
import {
  certificateCopy,
  copiedFrom,
  type Judged,
  judge,
  originalOf,
  type TlsSecret,
} from '../desired/certificates.ts';
import type { AppHost, DomainProblem } from '../desired/hosts.ts';
import type { Settings } from '../desired/settings.ts';
import type { Key, KubeObject } from '../kube/types.ts';
import type { Children } from './apply.ts';
import type { Caches, StoredObject } from './caches.ts';
import type { Reconcile } from './controller.ts';
import { hostsOf } from './hosts.ts';
import type { TlsSecrets } from './tls-secrets.ts';

export interface CertificateControllerOptions {
  readonly caches: Caches;
  readonly children: Children;
  readonly tlsSecrets: TlsSecrets;
  readonly settings: Settings;
  readonly now?: () => Date;
}

/**
 * Gives gates copies of the certificates of an App, and takes them away with it. What an App is doing otherwise does not
 * matter: a certificate that is renewed is served also where the App is stalled. A Secret that cannot be served any more
 * leaves its last copy as it is.
 */
export function certificateReconciler(options: CertificateControllerOptions): Reconcile {
  const { caches, children, settings, now = () => new Date() } = options;
  const { apps, certificates, formerCertificates } = caches;
  return async (key, { signal }) => {
    if (!settings.gates || !certificates) return undefined;
    const app = apps.store.get(key);
    const stores = [certificates, formerCertificates].flatMap((informer) => informer?.store ?? []);
    const current = stores.flatMap((store) => store.byIndex('app', key));
    const used =
      app && !app.metadata.deletionTimestamp && endsTls(app) ? hostsOf(app, apps.store, settings.edge).hosts : [];
    const desired: CoreSecret[] = [];
    for (const [name, hosts] of bySecret(used)) {
      const before = current.flatMap((copy) => (copiedFrom(copy)?.secret === name ? (originalOf(copy) ?? []) : []));
      const found = await options.tlsSecrets.get(secretKey(key, name), signal);
      const [good] = [found, ...before].flatMap((secret) => servable(name, secret, hosts, now()) ?? []);
      if (good) desired.push(certificateCopy({ namespace: settings.gates.certificates, app: key, ...good }));
    }
    await children.apply(undefined, desired as (CoreSecret & KubeObject)[], current, signal);
    return undefined;
  };
}

function servable(name: string, secret: TlsSecret | undefined, hosts: readonly string[], now: Date) {
  const judged = judge(name, secret, hosts, now);
  if (!secret || !judged.pair || judged.hosts.length === 0) return undefined;
  return { secret, hosts: judged.hosts, pair: judged.pair };
}

export interface CertificatesLook {
  readonly problems: readonly DomainProblem[];
  /** When the first of them expires. */
  readonly expiresAt?: Date | undefined;
}

/** What is wrong with the certificates of an App that is served under these hosts. */
export async function certificateProblems(
  key: Key,
  app: StoredObject,
  hosts: readonly AppHost[],
  { tlsSecrets, settings }: Pick<CertificateControllerOptions, 'tlsSecrets' | 'settings'>,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<CertificatesLook> {
  const secrets = [...bySecret(hosts)];
  const atGates = settings.gates !== undefined && endsTls(app);
  if (settings.edge?.kind === 'gate' && !atGates) return { problems: secrets.flatMap(unused) };
  if (settings.edge?.kind !== 'ingress' && !atGates) return { problems: [] };
  const judged: Judged[] = [];
  for (const [name, names] of secrets) {
    judged.push(judge(name, await tlsSecrets.get(secretKey(key, name), signal), names, now));
  }
  const [first] = judged.flatMap(({ expiresAt }) => expiresAt ?? []).toSorted((a, b) => a.getTime() - b.getTime());
  return { problems: judged.flatMap(({ problems }) => problems), expiresAt: first };
}

function unused([name, hosts]: [string, string[]]): DomainProblem[] {
  const message = `Secret ${name} is not used, for the App has no port with TLS: add the port 443 with handlers [tls, http]`;
  return hosts.map((host) => ({ host, reason: 'CertificateUnused', message }));
}

/** Whether an App as it is stored has a port on which the gates end TLS. */
function endsTls({ spec }: StoredObject): boolean {
  const { services = [] } = (spec ?? {}) as { services?: { ports?: { handlers?: string[] }[] }[] };
  return services.some(({ ports = [] }) => ports.some(({ handlers = [] }) => handlers.includes('tls')));
}

function bySecret(hosts: readonly AppHost[]): Map<string, string[]> {
  const bySecret = new Map<string, string[]>();
  for (const { host, tlsSecretName } of hosts) {
    if (tlsSecretName !== undefined) bySecret.set(tlsSecretName, [...(bySecret.get(tlsSecretName) ?? []), host]);
  }
  return bySecret;
}

const secretKey = (app: Key, name: string): Key => `${app.split('/')[0]}/${name}`;
