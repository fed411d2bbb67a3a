import { join } from 'node:path';
import { apiServerArgs, etcdArgs } from '../control-plane.ts';
import { signingKey, type User } from '../credentials.ts';
import { clusterDir } from '../paths.ts';
import type { ClusterBinary } from '../sources.ts';
import type { NodePlan } from './plan.ts';

export const apiPort = 6443;

/** Folders and files of a cluster that its components share. */
export interface Paths {
  readonly dir: string;
  readonly pki: string;
  readonly auditLog: string;
}

export const pathsOf = (cluster: string): Paths => {
  const dir = clusterDir(cluster);
  return { dir, pki: join(dir, 'pki'), auditLog: join(dir, 'logs', 'audit.jsonl') };
};

export type Programs = Readonly<Record<ClusterBinary, string>>;

/** Which user each component of a node is; Kubernetes gives each the rights of its role. */
export const usersOf = (plan: NodePlan): Readonly<Record<string, string>> => ({
  kubelet: `system:node:${plan.name}`,
  'kube-proxy': 'system:kube-proxy',
  'network-policy': 'airfield:network-policy',
  csi: 'airfield:csi',
  'kube-controller-manager': 'system:kube-controller-manager',
  'kube-scheduler': 'system:kube-scheduler',
});

export function componentUsers(plans: readonly NodePlan[]): User[] {
  const names = new Set(plans.flatMap((plan) => Object.values(usersOf(plan))));
  return [...names].map((name) => (name.startsWith('system:node:') ? { name, groups: ['system:nodes'] } : { name }));
}

export const kubeconfigOf = (plan: NodePlan, component: string): string => `${plan.dir}/etc/${component}.kubeconfig`;

export const etcd = (programs: Programs, paths: Paths): string[] => [
  programs.etcd,
  ...etcdArgs(join(paths.dir, 'etcd'), 2379, 2380),
];

export const apiServer = (programs: Pick<Programs, 'kube-apiserver'>, paths: Paths, first: NodePlan): string[] => [
  programs['kube-apiserver'],
  ...apiServerArgs({
    pki: paths.pki,
    etcdPort: 2379,
    bindAddress: '0.0.0.0',
    advertiseAddress: first.ip,
    port: apiPort,
    auditLog: paths.auditLog,
    extra: [
      '--kubelet-preferred-address-types=InternalIP',
      // Pods leave a node that does not answer after five minutes by default; tests do not wait for so long.
      ...['not-ready', 'unreachable'].map((taint) => `--default-${taint}-toleration-seconds=10`),
    ],
  }),
];

export const forwarder = (first: NodePlan): string[] => [
  process.execPath,
  join(import.meta.dirname, 'forward.ts'),
  first.ip,
  String(apiPort),
];

export const controllerManager = (programs: Programs, paths: Paths, first: NodePlan): string[] => {
  const kubeconfig = kubeconfigOf(first, 'kube-controller-manager');
  return [
    programs['kube-controller-manager'],
    ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((flag) => `--${flag}=${kubeconfig}`),
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    '--use-service-account-credentials',
    // It asks for some forty service account tokens one after the other before it begins.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    `--service-account-private-key-file=${signingKey(paths.pki)}`,
    `--root-ca-file=${join(paths.pki, 'apiserver.crt')}`,
  ];
};

export const scheduler = (programs: Programs, first: NodePlan): string[] => {
  const kubeconfig = kubeconfigOf(first, 'kube-scheduler');
  return [
    programs['kube-scheduler'],
    ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((flag) => `--${flag}=${kubeconfig}`),
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
  ];
};

export const containerd = (plan: NodePlan): string[] => ['containerd', '--config', `${plan.dir}/etc/containerd.toml`];

export const kubelet = (programs: Pick<Programs, 'kubelet'>, plan: NodePlan): string[] => [
  programs.kubelet,
  `--config=${plan.dir}/etc/kubelet.yaml`,
  `--kubeconfig=${kubeconfigOf(plan, 'kubelet')}`,
  `--hostname-override=${plan.name}`,
  `--node-ip=${plan.ip}`,
  `--node-labels=topology.kubernetes.io/region=${plan.region}`,
];

export const kubeProxy = (programs: Programs, plan: NodePlan): string[] => [
  programs['kube-proxy'],
  `--config=${plan.dir}/etc/kube-proxy.yaml`,
];

export const policyAgent = (plan: NodePlan): string[] => [
  process.execPath,
  join(import.meta.dirname, '..', 'policy', 'agent.ts'),
  `--kubeconfig=${kubeconfigOf(plan, 'network-policy')}`,
  `--node=${plan.name}`,
];
