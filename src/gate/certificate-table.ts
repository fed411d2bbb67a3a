import type { Route } from '../api/route.ts';
import { byAge } from './age.ts';
import { type Certificate, type CertificateSecret, readCertificate } from './certificates.ts';
import { routeName } from './route-name.ts';
import { withoutCertificates } from './tls.ts';

export interface CertificateTable {
  readonly certificates: readonly Certificate[];
  readonly problems: readonly string[];
}

/**
 * The certificates that a gate serves, what is wrong with the others, and which hosts of routes have none. Of two for the
 * same host that of the older Secret is served.
 */
export function certificateTable(
  secrets: readonly CertificateSecret[],
  routes: readonly Route[],
  read: (secret: CertificateSecret) => Certificate | string = readCertificate,
): CertificateTable {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  const certificates: Certificate[] = [];
  for (const secret of secrets.toSorted(byAge)) {
    const certificate = read(secret);
    if (typeof certificate === 'string') {
      problems.push(certificate);
      continue;
    }
    const name = `Secret ${secret.metadata.namespace}/${secret.metadata.name}`;
    const taken = certificate.hosts.filter((host) => owners.has(host));
    problems.push(...taken.map((host) => `${name}: ${host} has the certificate of ${owners.get(host)}: delete one`));
    const hosts = certificate.hosts.filter((host) => !taken.includes(host));
    for (const host of hosts) owners.set(host, name);
    certificates.push(taken.length > 0 ? { ...certificate, hosts } : certificate);
  }
  return { certificates, problems: [...problems, ...bare(routes, certificates)] };
}

/** What cannot be reached by TLS. */
function bare(routes: readonly Route[], certificates: readonly Certificate[]): string[] {
  return [...withoutCertificates(routes, certificates)].flatMap(([route, hosts]) =>
    route.hosts.length === 0
      ? [`${routeName(route)}: has tls and no hosts: nobody can connect`]
      : hosts.map((host) => `${routeName(route)}: there is no certificate for ${host}: nobody can connect to it`),
  );
}
