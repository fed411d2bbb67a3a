import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { dnsAddress } from '../control-plane.ts';
import type { Machine } from './machine.ts';
import { cniConfig } from './network.ts';
import { podRange } from './plan.ts';

export const pauseImage = 'airfield.local/pause:1';

/** Writes a node's configuration files; the paths of what they name are private to its machine. */
export async function writeNodeFiles(machine: Machine, csi: boolean): Promise<void> {
  const { dir, cgroup } = machine.plan;
  const file = (name: string, content: unknown) =>
    writeFile(`${dir}/etc/${name}`, typeof content === 'string' ? content : stringify(content));
  await Promise.all([
    file('containerd.toml', containerd(`${dir}/etc`)),
    file('10-airfield.conflist', JSON.stringify(cniConfig(machine))),
    file('kubelet.yaml', { ...kubelet(cgroup, `${dir}/etc/resolv.conf`), ...(csi ? watchful : {}) }),
    file('kube-proxy.yaml', kubeProxy(`${dir}/etc/kube-proxy.kubeconfig`, machine.plan.name)),
    file('resolv.conf', ''),
  ]);
}

const containerd = (etc: string): string => `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE no process may ask for a lower OOM score than it has; runc would fail on the attempt.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${etc}"
    max_conf_num = 1
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;

const kubelet = (cgroup: string, resolvConf: string) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  // Only the cluster's own processes and pods can reach the kubelet: its network has no way in.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: cgroup,
  enforceNodeAllocatable: [],
  failSwapOn: false,
  failCgroupV1: false,
  clusterDNS: [dnsAddress],
  clusterDomain: 'cluster.local',
  resolvConf,
  volumePluginDir: '/var/lib/kubelet/volume-plugins',
  // Images cannot be pulled again, so none is ever collected; a full disk is the owner's to notice.
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
});

/**
 * By default a kubelet measures what volumes hold once a minute, and looks once a minute whether a volume has to grow.
 * https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
 */
const watchful = { volumeStatsAggPeriod: '5s', syncFrequency: '5s' };

const kubeProxy = (kubeconfig: string, name: string) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'iptables',
  hostnameOverride: name,
  clusterCIDR: podRange,
  clientConnection: { kubeconfig },
  // The limit belongs to the host and cannot be set from a namespace.
  conntrack: { maxPerCore: 0 },
});
