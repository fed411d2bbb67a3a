import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of Go modules that pin, in their go.mod, what is built from source. */
export const modules = join(import.meta.dirname, 'embedded', 'go');

export const kubernetesVersion = 'v1.35.4';
const [, minor] = kubernetesVersion.split('.');
const stamp = 'k8s.io/component-base/version';
const kubernetesFlags = `-X ${stamp}.gitVersion=${kubernetesVersion} -X ${stamp}.gitMajor=1 -X ${stamp}.gitMinor=${minor}`;

/** Files of a module's folder that are taken as they are. */
export interface Manifests {
  readonly folder: string;
  readonly files: RegExp;
}

/** `os` and `arch` are `linux` and `amd64` as Go calls them. */
export interface Release {
  readonly url: (os: string, arch: string) => string;
  /** Where it is in the archive that is there. Default: it is there by itself. */
  readonly member?: (os: string, arch: string) => string;
  /** Systems that it is released for. */
  readonly systems: readonly NodeJS.Platform[];
}

export interface Source {
  readonly version: string;
  /** Folder under `modules`. */
  readonly module: string;
  /** The program's package, or the required module that `manifests` come with. */
  readonly package: string;
  readonly manifests?: Manifests;
  readonly ldflags?: string;
  /** Where it is released for a system, with a checksum beside it: at the same address with `.sha256` behind it. */
  readonly released?: Release;
  /** What a build takes on two cores with a cold Go cache, in the order below. Told, never used to decide. */
  readonly about: string;
}

const kubernetes = (name: string, about: string): Source => ({
  version: kubernetesVersion,
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  ldflags: kubernetesFlags,
  released: {
    url: (os, arch) => `https://dl.k8s.io/release/${kubernetesVersion}/bin/${os}/${arch}/${name}`,
    systems: name === 'kubectl' ? ['linux', 'darwin'] : ['linux'],
  },
  about,
});

const csi = (version: string, path: string, about: string): Source => ({
  version,
  module: 'csi',
  package: `github.com/kubernetes-csi/${path}`,
  about,
});

/** The version of a program whose source is here: another one with every change. */
function digestOf(...folder: string[]): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(join(modules, ...folder)).sort())
    hash.update(file).update(readFileSync(join(modules, ...folder, file)));
  return hash.digest('hex').slice(0, 12);
}

const cluster = {
  etcd: { version: 'v3.6.5', module: 'kubernetes', package: './etcd', about: '1 minute' },
  'kube-apiserver': kubernetes('kube-apiserver', '3 to 6 minutes'),
  kubectl: kubernetes('kubectl', '30 seconds'),
  'kube-controller-manager': kubernetes('kube-controller-manager', '1 minute'),
  'kube-scheduler': kubernetes('kube-scheduler', '10 seconds'),
  'kube-proxy': kubernetes('kube-proxy', '10 seconds'),
  kubelet: kubernetes('kubelet', '20 seconds'),
  coredns: { version: 'v1.13.2', module: 'coredns', package: '.', about: '1 minute' },
  'local-path-provisioner': {
    version: 'v0.0.30',
    module: 'kubernetes',
    package: 'github.com/rancher/local-path-provisioner',
    about: '10 seconds',
  },
} satisfies Record<string, Source>;

const storage = {
  'csi-driver': {
    version: `csi-${digestOf('csi', 'driver')}`,
    module: 'csi',
    package: './driver',
    about: '10 seconds',
  },
  'csi-provisioner': csi('v6.3.0', 'external-provisioner/v6/cmd/csi-provisioner', '2 to 4 minutes'),
  'csi-resizer': csi('v2.2.0', 'external-resizer/v2/cmd/csi-resizer', '10 seconds'),
  'csi-snapshotter': csi('v8.6.0', 'external-snapshotter/v8/cmd/csi-snapshotter', '10 seconds'),
  'snapshot-controller': csi('v8.6.0', 'external-snapshotter/v8/cmd/snapshot-controller', '10 seconds'),
  'snapshot-crds': {
    version: 'v8.6.0',
    module: 'csi',
    package: 'github.com/kubernetes-csi/external-snapshotter/client/v8',
    manifests: { folder: 'config/crd', files: /^snapshot\..*\.yaml$/ },
    about: '5 seconds',
  },
} satisfies Record<string, Source>;

const helmVersion = 'v3.22.0';
/** The newest Kubernetes that this Helm knows: what `helm template` takes for the cluster. */
export const helmKubernetesMinor = '37';
const helmFlags = ['pkg/chartutil', 'pkg/lint/rules'].map(
  (folder) =>
    `-X helm.sh/helm/v3/${folder}.k8sVersionMajor=1 -X helm.sh/helm/v3/${folder}.k8sVersionMinor=${helmKubernetesMinor}`,
);

/** What works on a cluster and is no part of it. */
const tools = {
  helm: {
    version: helmVersion,
    module: 'helm',
    package: 'helm.sh/helm/v3/cmd/helm',
    ldflags: `-X helm.sh/helm/v3/internal/version.version=${helmVersion} ${helmFlags.join(' ')}`,
    released: {
      url: (os, arch) => `https://get.helm.sh/helm-${helmVersion}-${os}-${arch}.tar.gz`,
      member: (os, arch) => `${os}-${arch}/helm`,
      systems: ['linux', 'darwin'],
    },
    about: '2 to 4 minutes',
  },
} satisfies Record<string, Source>;

export type ClusterBinary = keyof typeof cluster;
export type StorageBinary = keyof typeof storage;
export type Binary = ClusterBinary | StorageBinary | keyof typeof tools;

/** What every cluster needs. */
export const clusterBinaries = Object.keys(cluster) as ClusterBinary[];
/** What the CSI storage class needs besides. */
export const storageBinaries = Object.keys(storage) as StorageBinary[];

export const sources: Readonly<Record<Binary, Source>> = { ...cluster, ...storage, ...tools };

export const versionOf = (name: Binary): string => sources[name].version;
