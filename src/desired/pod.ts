import type { Container, PodSpec, PodTemplate, Volume, VolumeMount } from '../api/kubernetes.ts';
import { checkContainers, commandOf, initContainers } from './containers.ts';
import { environment, type Machine, variables } from './environment.ts';
import { filesOf } from './files.ts';
import { gpuTolerations } from './gpu.ts';
import { mountsOf } from './groups.ts';
import { internalService } from './internal.ts';
import { secretsLabel, workloadLabels } from './labels.ts';
import { scrapeAnnotations } from './metrics.ts';
import { volumeName } from './names.ts';
import { nodeAffinity, placement } from './placement.ts';
import { containerPorts, metricsOf } from './ports.ts';
import { probesOf } from './probes.ts';
import { resourcesOf } from './resources.ts';
import { allSecrets } from './secret-values.ts';
import { containerSecurity, podSecurity } from './security.ts';
import type { Settings } from './settings.ts';
import { gracePeriodSeconds, lifecycle, stopProgramMount, stopRequirements } from './stopping.ts';
import type { Workload } from './workloads.ts';

/** Which container `kubectl logs` and `kubectl exec` mean by default. */
const defaultContainer = 'kubectl.kubernetes.io/default-container';

/** The pod of a machine. */
export function podTemplate(workload: Workload, settings: Settings): PodTemplate {
  const { group } = workload;
  const { spec } = workload.release;
  const [first, ...others] = probesOf(spec, group.name);
  const files = filesOf(workload);
  const stop = stopProgramMount(workload, settings);
  const volumeMounts = [...claims(workload), ...files.volumeMounts];
  const before = initContainers(workload, volumeMounts, settings);
  const beside = checkContainers(workload, others, settings);
  const ports = containerPorts(spec, group.name);
  const annotations = {
    ...scrapeAnnotations(metricsOf(spec, group.name)),
    ...(before.length + beside.length > 0 && { [defaultContainer]: group.name }),
  };
  return {
    metadata: { labels: workloadLabels(workload), ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      ...naming(workload),
      ...(before.length > 0 && { initContainers: before }),
      containers: [
        {
          ...program(workload, settings),
          ...(ports.length > 0 && { ports }),
          ...first,
          ...(workload.own?.tty && { tty: true }),
          ...mounted([...volumeMounts, ...stop.volumeMounts]),
        },
        ...beside,
      ],
      ...podBasics(workload, settings, [...ownVolumes(workload), ...files.volumes, ...stop.volumes]),
      ...placement(workload, settings),
    },
  };
}

/** Every ready pod answers to `<app>.internal` through the headless Service of this name. */
function naming({ app, own }: Workload): Pick<PodSpec, 'hostname' | 'subdomain' | 'dnsPolicy' | 'dnsConfig'> {
  const { skipRegistration, nameservers, searches, options } = own?.dns ?? {};
  const dnsConfig = {
    ...(nameservers && { nameservers }),
    ...(searches && { searches }),
    ...(options && { options: options.map(resolverOption) }),
  };
  return {
    hostname: app.metadata.name,
    ...(!skipRegistration && { subdomain: internalService }),
    ...(nameservers?.length && { dnsPolicy: 'None' }),
    ...(Object.keys(dnsConfig).length > 0 && { dnsConfig }),
  };
}

const resolverOption = ({ name, value }: { name: string; value?: string | undefined }) => ({
  name,
  ...(value !== undefined && { value }),
});

/** A machine that runs once, and the labels of its pod. */
export interface CommandMachine extends Machine {
  readonly labels: Record<string, string>;
  /** What it runs, where that is not what the group does. */
  readonly run?: Pick<Container, 'command' | 'args'>;
  /** What tells it why it runs. */
  readonly purpose: {
    /** What Fly calls the group of such a machine (flyctl, appconfig/machines.go). */
    readonly group: string;
    readonly env: Readonly<Record<string, string>>;
  };
}

/**
 * The pod of a command that runs once for a release, which is the `command` of the group: like a machine of the group,
 * but without its volumes, ports, checks and sidecars. It has no name in `.internal`, as on Fly, and nothing to drain.
 */
export function commandPod({ labels, run, purpose, ...machine }: CommandMachine, settings: Settings): PodTemplate {
  const alone = { ...settings, drainSeconds: 0 };
  const files = filesOf(machine);
  const stop = stopProgramMount(machine, alone);
  const group = { ...machine.group, name: purpose.group };
  const env = environment({ ...machine, group }, settings).filter(({ name }) => !(name in purpose.env));
  return {
    metadata: { labels: { ...labels, ...secretsLabel(machine.release.spec) } },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          ...program(machine, alone),
          ...run,
          env: [...env, ...variables(purpose.env)],
          ...mounted([...files.volumeMounts, ...stop.volumeMounts]),
        },
      ],
      ...podBasics(machine, alone, [...files.volumes, ...stop.volumes]),
      ...nodeAffinity(machine, settings),
    },
  };
}

function program(machine: Machine, settings: Settings): Container {
  const { release, group } = machine;
  return {
    name: group.name,
    image: release.spec.image,
    ...commandOf(group),
    env: environment(machine, settings),
    ...allSecrets(machine),
    resources: resourcesOf(group.vm),
    ...lifecycle(machine, settings),
    // The last lines of a program that failed are then in the status of its pod, where a release looks for its reason.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...containerSecurity(settings),
  };
}

/** What the pods of all machines have, whatever runs in them. */
function podBasics(machine: Machine, settings: Settings, volumes: Volume[]): Omit<PodSpec, 'containers'> {
  const { imagePullSecrets } = machine.release.spec;
  const tolerations = gpuTolerations(machine.group.vm);
  return {
    ...(volumes.length > 0 && { volumes }),
    ...(imagePullSecrets?.length && { imagePullSecrets }),
    terminationGracePeriodSeconds: gracePeriodSeconds(machine, settings),
    ...stopRequirements(settings),
    ...(tolerations.length > 0 && { tolerations }),
    ...podSecurity(settings),
  };
}

/** A Machine has one claim for each mount; those of a StatefulSet's pods are put into them by Kubernetes. */
function ownVolumes({ release, group, own }: Workload): Volume[] {
  if (!own) return [];
  return mountsOf(release.spec, group.name).map(({ name }) => ({
    name: volumeName(name),
    persistentVolumeClaim: { claimName: own.claimOf(name) },
  }));
}

/** The volumes of a machine; the StatefulSet has a claim of the same name for each. */
function claims({ release, group }: Machine): VolumeMount[] {
  return mountsOf(release.spec, group.name).map(({ name, destination }) => ({
    name: volumeName(name),
    mountPath: destination,
  }));
}

function mounted(volumeMounts: VolumeMount[]): Pick<Container, 'volumeMounts'> {
  return volumeMounts.length > 0 ? { volumeMounts } : {};
}
