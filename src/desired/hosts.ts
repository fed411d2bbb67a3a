import type { App, AppSpec } from '../api/app.ts';
import { hostName } from '../api/route.ts';
import type { ServicePort } from '../api/service.ts';
import type { Edge } from './settings.ts';

/** A host under which an App is served. */
export interface AppHost {
  readonly host: string;
  /** Secret with its certificate, in the namespace of the App. */
  readonly tlsSecretName?: string | undefined;
}

/** Why a host of an App is not served as it is meant to be. */
export interface DomainProblem {
  readonly host: string;
  /** One word for programs. */
  readonly reason: string;
  readonly message: string;
}

export interface HostClaims {
  readonly hosts: readonly AppHost[];
  readonly problems: readonly DomainProblem[];
}

type Port = Partial<Pick<ServicePort, 'handlers'>>;

/** An App, as far as it says where it is served. As it is stored anything may be missing. */
export interface Claimant {
  readonly metadata: Pick<App['metadata'], 'name'>;
  readonly spec?: {
    readonly domains?: AppSpec['domains'] | undefined;
    readonly services?: readonly { readonly ports?: readonly Port[] | undefined }[] | undefined;
  };
}

/** The hosts that an App wants: one of its own name under the base domain, and its domains. Another App may have them. */
export function claimedHosts({ metadata, spec }: Claimant, edge: Edge | undefined): HostClaims {
  const ports = (spec?.services ?? []).flatMap(({ ports = [] }) => ports);
  if (!edge || !ports.some(hasName)) return { hosts: [], problems: [] };
  const own = edge.baseDomain === undefined ? undefined : `${metadata.name}.${edge.baseDomain}`;
  const problems = (spec?.domains ?? []).flatMap(({ host }) => problemOf(host, own, edge.baseDomain));
  const refused = new Set(problems.map(({ host }) => host));
  const domains = (spec?.domains ?? []).filter(({ host }) => !refused.has(host));
  const all = [...(own === undefined ? [] : [{ host: own }]), ...domains];
  return { hosts: [...new Map(all.map((one) => [one.host, one])).values()], problems };
}

/** A name is said by clients of HTTP and of TLS; nothing else tells Apps apart by it. */
const hasName = ({ handlers = [] }: Port) => handlers.includes('http') || handlers.includes('tls');

/** Whoever could claim names of the base domain would have what is sent to Apps of these names. */
function problemOf(host: string, own: string | undefined, baseDomain: string | undefined): DomainProblem[] {
  if (!hostName.safeParse(host).success) {
    const message = 'no client can ask for this name: write labels of at most 63 characters, and no address';
    return [{ host, reason: 'InvalidHost', message }];
  }
  if (baseDomain === undefined || host === own || host.replace(/^[^.]*\./, '') !== baseDomain) return [];
  const message = `names under ${baseDomain} are those of Apps, and this one has ${own}: write a host of another domain`;
  return [{ host, reason: 'HostReserved', message }];
}
