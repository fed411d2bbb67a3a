import type { App } from '../api/app.ts';
import type { ConditionClaim } from '../api/conditions.ts';
import type { ObservedService, Service } from '../api/kubernetes.ts';
import type { AppHost, DomainProblem } from '../desired/hosts.ts';
import { httpPort } from '../desired/ingress.ts';
import { portNumbers } from '../desired/ports.ts';
import { isEdgePort } from '../desired/public-ports.ts';
import type { Edge } from '../desired/settings.ts';

/** How an App is reached from outside of the cluster. */
export interface Outside {
  /** Under which it is served. */
  readonly hosts: readonly AppHost[];
  readonly problems: readonly DomainProblem[];
  /** The Service of its ports that have addresses of their own. */
  readonly publicService: ObservedService | undefined;
}

/**
 * The condition `DomainsImpaired`, there only while it is true. It says nothing about `Ready`: the machines run, and the App
 * answers under its other names.
 */
export function domainsClaim(problems: readonly DomainProblem[]): ConditionClaim[] {
  const [first] = problems;
  if (!first) return [];
  const message = problems.map(({ host, message }) => `${host}: ${message}`).join('; ');
  return [{ type: 'DomainsImpaired', status: 'True', reason: first.reason, message: message.slice(0, 32_768) }];
}

/** Where clients find an App at the edge; undefined where it is not served there. */
export function edgeUrl(
  { spec }: Pick<App, 'spec'>,
  { host, tlsSecretName }: AppHost,
  service: ObservedService | undefined,
  edge: Edge | undefined,
): string | undefined {
  if (!edge) return undefined;
  const entries = spec.services.filter(({ protocol }) => protocol === 'tcp').flatMap(({ ports }) => ports);
  const at = (port: number) =>
    entries.find((entry) => portNumbers(entry).includes(port) && isEdgePort(entry, port, edge));
  const [plain, secure] = [at(80), at(443)];
  const isHttps = secure?.handlers.includes('http');
  if (edge.kind !== 'gate') {
    if (httpPort(service as Service | undefined) === undefined) return undefined;
    return isHttps || tlsSecretName !== undefined ? `https://${host}` : `http://${host}`;
  }
  if (isHttps) return `https://${host}`;
  return plain ? `http://${host}` : secure && `tcp://${host}:443`;
}

/** The domains of an App that lead to no port of it. That of the base domain is nobody's wish. */
export function unservedDomains(
  app: Pick<App, 'spec'>,
  hosts: readonly AppHost[],
  service: ObservedService | undefined,
  edge: Edge | undefined,
): DomainProblem[] {
  const isDomain = ({ host }: AppHost) => app.spec.domains.some((domain) => domain.host === host);
  // A port with TLS that is not the edge's has the certificates of its hosts.
  const endsTls = app.spec.services.some(({ ports }) => ports.some(({ handlers }) => handlers.includes('tls')));
  const isNamed = edge?.kind === 'gate' && endsTls;
  const unserved = hosts.filter((host) => isDomain(host) && !isNamed && !edgeUrl(app, host, service, edge));
  const message = 'no port of the App is served under it: add the port 80 with handlers [http]';
  return unserved.map(({ host }) => ({ host, reason: 'NoHttpPort', message }));
}
