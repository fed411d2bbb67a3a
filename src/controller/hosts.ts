import { type AppHost, type Claimant, claimedHosts, type DomainProblem, type HostClaims } from '../desired/hosts.ts';
import type { Edge } from '../desired/settings.ts';
import type { Store } from '../kube/store.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';

type StoredApp = KubeObject & { spec?: unknown };

/** The hosts that an App as it is stored wants: for an index of the cache. */
export const wantedHosts = (edge: Edge | undefined) => (app: StoredApp) =>
  claimedHosts(app as Claimant, edge).hosts.map(({ host }) => host);

/** Keys of the Secrets that an App as it is stored has certificates from: for an index of the cache. */
export function namedCertificates({ metadata, spec }: StoredApp): string[] {
  const names = ((spec as Claimant['spec'])?.domains ?? []).flatMap(({ tlsSecretName }) => tlsSecretName ?? []);
  return [...new Set(names)].map((name) => `${metadata.namespace}/${name}`);
}

/** The hosts that an App has. Of several Apps that want one the oldest has it, so that nobody comes and takes one away. */
export function hostsOf(app: StoredApp, apps: Pick<Store<StoredApp>, 'byIndex'>, edge: Edge | undefined): HostClaims {
  const { hosts, problems } = claimedHosts(app as Claimant, edge);
  const taken = hosts.flatMap((host) => takenBy(oldest(apps.byIndex('host', host.host)), app, host));
  const lost = new Set(taken.map(({ host }) => host));
  return { hosts: hosts.filter(({ host }) => !lost.has(host)), problems: [...problems, ...taken] };
}

function takenBy(holder: StoredApp | undefined, app: StoredApp, { host }: AppHost): DomainProblem[] {
  if (!holder || keyOf(holder.metadata) === keyOf(app.metadata)) return [];
  const message = `the App ${keyOf(holder.metadata)}, which is older, is served under it: choose another one, or take it from that one`;
  return [{ host, reason: 'HostTaken', message }];
}

const age = ({ metadata }: StoredApp) => `${metadata.creationTimestamp} ${keyOf(metadata)}`;
const oldest = (apps: readonly StoredApp[]) => apps.toSorted((a, b) => (age(a) < age(b) ? -1 : 1))[0];
