interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly seccompProfile?: { readonly type: string };
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
}

export interface RestrictedPod {
  readonly securityContext?: SecurityContext;
  readonly containers: readonly { readonly name: string; readonly securityContext?: SecurityContext }[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
}

/**
 * What keeps a pod from https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, in words, and from a
 * root file system that cannot be written to.
 */
export function refusedByRestricted(pod: RestrictedPod): string[] {
  const volumes = [
    'configMap',
    'csi',
    'downwardAPI',
    'emptyDir',
    'ephemeral',
    'persistentVolumeClaim',
    'projected',
    'secret',
  ];
  const other = (pod.volumes ?? [])
    .flatMap((volume) => Object.keys(volume))
    .filter((key) => key !== 'name' && !volumes.includes(key));
  const host = [pod.hostNetwork, pod.hostPID, pod.hostIPC].some(Boolean) ? ['a namespace of the host'] : [];
  return [...host, ...other.map((kind) => `a volume ${kind}`), ...pod.containers.flatMap((one) => wrongIn(one, pod))];
}

function wrongIn(
  { name, securityContext: own = {} }: RestrictedPod['containers'][number],
  pod: RestrictedPod,
): string[] {
  const both = { ...pod.securityContext, ...own };
  const { drop = [], add = [] } = both.capabilities ?? {};
  const wrong = {
    'may be root': both.runAsNonRoot !== true || both.runAsUser === 0,
    'may escalate': both.allowPrivilegeEscalation !== false,
    'has no seccomp profile': both.seccompProfile?.type !== 'RuntimeDefault',
    'has capabilities': !drop.includes('ALL') || add.some((capability) => capability !== 'NET_BIND_SERVICE'),
    'may write to its root': both.readOnlyRootFilesystem !== true,
  };
  return Object.entries(wrong).flatMap(([words, is]) => (is ? [`${name} ${words}`] : []));
}
