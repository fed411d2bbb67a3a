import type { Container, VolumeMount } from '../api/kubernetes.ts';
import type { ExtraContainer } from '../api/process.ts';
import { wordsOf } from '../api/scalars.ts';
import { environment, literal, type Machine } from './environment.ts';
import type { Probes } from './probes.ts';
import { resourcesOf } from './resources.ts';
import { someSecrets } from './secret-values.ts';
import { containerSecurity } from './security.ts';
import type { Settings } from './settings.ts';

/** What Docker calls ENTRYPOINT is Kubernetes's `command`, and CMD its `args`. */
export function commandOf({ entrypoint, command }: Pick<ExtraContainer, 'entrypoint' | 'command'>): Partial<Container> {
  return {
    ...(entrypoint && { command: wordsOf(entrypoint).map(literal) }),
    ...(command && { args: wordsOf(command).map(literal) }),
  };
}

/**
 * What runs before the program of a machine, and beside it. A container that runs beside it is one that Kubernetes starts
 * before the program, starts again whenever it ends, and stops after the program ("native sidecar"). All of them come
 * after the containers that must end well, for those prepare what the machine runs on, and a sidecar is a part of the
 * running machine: one that ships logs or answers requests finds the same things done as the program does.
 */
export function initContainers(machine: Machine, volumeMounts: VolumeMount[], settings: Settings): Container[] {
  const { init = [], sidecars = [] } = machine.group;
  return [
    ...init.map((extra) => extraContainer(machine, extra, volumeMounts, settings)),
    ...sidecars.map((extra) => ({
      ...extraContainer(machine, extra, volumeMounts, settings),
      restartPolicy: 'Always',
    })),
  ];
}

/** Without a `vm` it takes what the machine's node has left: `vm` of the group is the size of the program alone. */
function extraContainer(
  machine: Machine,
  extra: ExtraContainer,
  volumeMounts: VolumeMount[],
  settings: Settings,
): Container {
  return {
    name: extra.name,
    image: extra.image,
    ...commandOf(extra),
    env: [...environment(machine, settings, without(extra.secrets, extra.env)), ...someSecrets(machine, extra.secrets)],
    ...(extra.vm && { resources: resourcesOf(extra.vm) }),
    ...(volumeMounts.length > 0 && { volumeMounts }),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...containerSecurity(settings),
  };
}

/** Secrets go before what the spec says. */
function without(names: readonly string[] = [], env: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/**
 * A container has one readiness probe, and a pod is ready when all its containers are. So each check beyond the first one
 * has a container that does nothing: all containers of a pod share its address, to which the kubelet sends the probes.
 */
export function checkContainers(machine: Machine, checks: readonly Probes[], settings: Settings): Container[] {
  const names = checkContainerNames(machine, checks.length);
  return checks.map((probes, index) => ({
    name: names[index] ?? '',
    image: settings.pauseImage,
    // CRI-O refuses limits below 12 MiB (container_min_memory); a limit of CPU would make the start slow.
    resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { memory: '16Mi' } },
    ...probes,
    ...containerSecurity(settings),
  }));
}

/** `check-2` and so on, without those that are called so already. */
export function checkContainerNames({ group }: Pick<Machine, 'group'>, count: number): string[] {
  const taken = new Set([group, ...(group.init ?? []), ...(group.sidecars ?? [])].map(({ name }) => name));
  const candidates = Array.from({ length: count + taken.size }, (_, index) => `check-${index + 2}`);
  return candidates.filter((name) => !taken.has(name)).slice(0, count);
}
