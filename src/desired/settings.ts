import type { Regions } from '../api/region.ts';
import type { Architecture } from './elf.ts';

/** Where gates are, and which of their ports services may have. */
export interface GatesSettings {
  readonly namespace: string;
  readonly ports: { readonly first: number; readonly last: number };
  /** Whether a NetworkPolicy for each App says there who may connect to its ports of the gates. */
  readonly policies: boolean;
  /** Namespace where gates read certificates. */
  readonly certificates: string;
}

/** By whom Apps are served under their host names from outside of the cluster. */
export type Edge =
  | { readonly kind: 'gate'; readonly baseDomain: string | undefined }
  | { readonly kind: 'ingress'; readonly baseDomain: string | undefined; readonly ingressClass: string | undefined }
  | {
      readonly kind: 'httproute';
      readonly baseDomain: string | undefined;
      readonly gateway: { readonly namespace: string; readonly name: string };
    };

/** What the operator's configuration says about the cluster, as far as it shapes children. */
export interface Settings {
  /** Region of machines that name none. */
  readonly defaultRegion: string;
  /** Which nodes are in which region. */
  readonly regions: Regions;
  /** DNS domain of the cluster, `cluster.local` as a rule. */
  readonly clusterDomain: string;
  /** Whether the cluster's DNS leads names of process groups and regions to host names of `place-names.ts`. */
  readonly dnsRewrite: boolean;
  /** Pod Security Standard that pods of Apps pass. `restricted` refuses images that run as root. */
  readonly podSecurity: 'baseline' | 'restricted';
  /** Namespaces whose pods may connect to the ports that Apps serve: where the ingress controller runs. */
  readonly ingressNamespaces: readonly string[];
  /** Namespaces whose pods may connect to the metrics of Apps: where Prometheus runs. */
  readonly monitoringNamespaces: readonly string[];
  /**
   * Namespace where the operator runs as a pod, so that machines let it ask them. Undefined where it runs outside of the
   * cluster: it asks nobody, for addresses of pods are somebody else's there.
   */
  readonly operatorNamespace: string | undefined;
  /** Image of a program that does nothing, for checks beyond the first one of a machine. */
  readonly pauseImage: string;
  /**
   * How a machine is told its `killSignal`: by the program of `stop-program.ts` where all nodes have one architecture,
   * by a shell that the image must have, or by Kubernetes itself (feature gate ContainerStopSignals).
   */
  readonly stopHook: Architecture | 'shell' | 'native';
  /** Seconds for which a machine that serves goes on serving while its address is withdrawn, before it is told to stop. */
  readonly drainSeconds: number;
  /** Whether the cluster has the kind PodMonitor of the Prometheus operator. */
  readonly podMonitors: boolean;
  /** Whether the cluster can resize pods in place, so that machines can be suspended. */
  readonly canResize: boolean;
  /** Undefined where there are no gates: all services are direct. */
  readonly gates: GatesSettings | undefined;
  /** Undefined: Apps answer inside the cluster only. `<app>.<base domain>` is a host of every App where there is one. */
  readonly edge: Edge | undefined;
  /** Whether ports that no edge serves are led in from outside, by a Service of type LoadBalancer. */
  readonly rawPorts: 'none' | 'loadBalancer';
}
