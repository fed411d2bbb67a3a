import { seconds } from '../api/duration.ts';
import type { Job } from '../api/kubernetes.ts';
import { label, role } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import { commandOf } from './containers.ts';
import { literal } from './environment.ts';
import { groupsOf, mountsOf, servicesOf } from './groups.ts';
import { appLabels } from './labels.ts';
import { childName } from './names.ts';
import { type CommandMachine, commandPod } from './pod.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

type Check = NonNullable<AppService['machineChecks']>[number];

/** A program that must succeed against a new machine of a workload before its release goes out. */
export interface MachineCheck {
  readonly workload: Workload;
  readonly check: Check;
  /** Where the release says it: `services[0].machineChecks[1]`. */
  readonly field: string;
  /** Name of its Job. No two releases share one, so that what a check of an earlier one said is not taken for its own. */
  readonly name: string;
}

/** A check with the address of the machine that it is run against. */
export interface MachineCheckRun extends MachineCheck {
  readonly address: string;
}

/**
 * Names of the groups of which a machine is checked before a release goes out. One with volumes is not: it cannot run
 * beside the machine whose volumes it would need.
 */
export function checkedGroups({ services, spec }: Pick<Release, 'services' | 'spec'>): string[] {
  const { processes } = spec;
  const names = groupsOf(spec).map(({ name }) => name);
  const checked = names.filter((group) =>
    servicesOf({ processes, services }, group).some(({ machineChecks }) => machineChecks?.length),
  );
  return checked.filter((group) => mountsOf(spec, group).length === 0);
}

/** The checks of new machines: each runs against one machine of each group of its service. */
export function machineChecksOf(workloads: readonly Workload[]): MachineCheck[] {
  const tried = Map.groupBy(
    workloads.filter(({ count }) => count > 0),
    ({ group }) => group.name,
  );
  return [...tried.values()].flatMap(([workload]) => (workload ? checksOf(workload) : []));
}

function checksOf(workload: Workload): MachineCheck[] {
  const { app, release, group } = workload;
  const { services, spec } = release;
  const mine = new Set(servicesOf({ processes: spec.processes, services }, group.name));
  return services.flatMap((service, i) =>
    (mine.has(service) ? (service.machineChecks ?? []) : []).map((check, j) => ({
      workload,
      check,
      field: `services[${i}].machineChecks[${j}]`,
      name: childName(app.metadata.name, 'check', `r${release.version}`, group.name, `${i}`, `${j}`),
    })),
  );
}

/** Seconds by which the deadline of the Job is later than that of the release, which first looks for the reason. */
const spareSeconds = 10;

/** The Job of a check, after flyctl (appconfig/machines.go, ToTestMachineConfig). */
export function machineCheck({ workload, check, name, address }: MachineCheckRun, settings: Settings): Job {
  const { app, release, region } = workload;
  const { image, killSignal, killTimeout } = check;
  const own = { ...(image && { image }), ...(killSignal && { killSignal }), ...(killTimeout && { killTimeout }) };
  const labels = { ...appLabels(app), [label.release]: `${release.version}`, [label.role]: role.machineCheck };
  const machine = {
    app,
    release: { ...release, spec: { ...release.spec, ...own } },
    group: { ...workload.group, command: undefined, entrypoint: undefined },
    run: commandOfCheck(workload, check),
    region,
    labels: { ...labels, [label.network]: release.spec.network.name },
    purpose: {
      group: 'fly_app_test_machine_command',
      env: { FLY_TEST_COMMAND: '1', FLY_TEST_MACHINE_IP: address },
    },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: app.metadata.namespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(seconds(app.spec.deploy.waitTimeout)) + spareSeconds,
      template: commandPod(machine, settings),
    },
  };
}

/** Words as they are, as on Fly. An image of its own has an entrypoint of its own, too. */
function commandOfCheck(
  { group }: Workload,
  { image, entrypoint, command }: Check,
): NonNullable<CommandMachine['run']> {
  const { command: usual } = commandOf({ entrypoint: image ? undefined : group.entrypoint });
  const first = entrypoint?.map(literal) ?? usual;
  return { ...(first && { command: first }), ...(command && { args: command.map(literal) }) };
}
