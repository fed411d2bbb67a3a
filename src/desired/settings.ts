import type { Regions } from '../api/region.ts';

/** What the operator's configuration says about the cluster, as far as it shapes children. */
export interface Settings {
  /** Region of machines that name none. */
  readonly defaultRegion: string;
  /** Which nodes are in which region. */
  readonly regions: Regions;
  /** DNS domain of the cluster, `cluster.local` as a rule. */
  readonly clusterDomain: string;
  /** Pod Security Standard that pods of Apps pass. `restricted` refuses images that run as root. */
  readonly podSecurity: 'baseline' | 'restricted';
  /** Namespaces whose pods may connect to the ports that Apps serve: where the ingress controller runs. */
  readonly ingressNamespaces: readonly string[];
}
