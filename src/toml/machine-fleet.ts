import { labelOf } from './label.ts';
import type { MachineList } from './machine-list.ts';
import { isTable } from './parse.ts';
import type { Groups } from './processes.ts';
import type { Scale } from './scale.ts';
import type { Section } from './section.ts';

/** The machines of an App, told apart by what becomes of them. */
export interface Fleet extends Pick<MachineList, 'report'> {
  /** Those of each process group: `fly deploy` makes and updates them, and they only count. */
  readonly ofGroups: ReadonlyMap<string, readonly Section[]>;
  /** Those that become a Schedule. */
  readonly scheduled: readonly Section[];
  /** Those that become a Machine. */
  readonly alone: readonly Section[];
}

type Kind = 'none' | 'group' | 'scheduled' | 'alone';

/**
 * Tells the machines of an App apart, by the rules of flyctl (fly-go/machine_types.go). `apps`: what the App is called, here
 * and on Fly.
 */
export function fleetOf({ machines, report }: MachineList, groups: Groups, apps: readonly string[]): Fleet {
  const kinds = Map.groupBy(machines, (machine) => kindOf(machine, groups, apps));
  for (const kind of ['none', 'group'] as const) for (const { path } of kinds.get(kind) ?? []) report.markDone(path);
  return {
    report,
    ofGroups: Map.groupBy(kinds.get('group') ?? [], (machine) => groupOf(machine) ?? groups.default),
    scheduled: kinds.get('scheduled') ?? [],
    alone: kinds.get('alone') ?? [],
  };
}

function kindOf(machine: Section, groups: Groups, apps: readonly string[]): Kind {
  const leftOut = (why: string) => {
    machine.report.warn('noMachine', machine.path, `is left out: ${why}`);
    return 'none' as const;
  };
  const state = machine.text('state') ?? '';
  const owner = ownerOf(machine);
  const helper = helpers.get(metadataOf(machine).fly_process_group ?? '');
  if (['destroyed', 'destroying', 'replaced', 'migrated'].includes(state)) return leftOut(`it is ${state}`);
  if (owner && !apps.includes(owner)) return leftOut(`it is of the app ${owner}, and this is ${apps[0]}`);
  if (helper) return leftOut(helper);
  if (configOf(machine)?.text('schedule')) return 'scheduled';
  const group = groupOf(machine) ?? groups.default;
  if (!isManaged(machine)) return 'alone';
  if (!groups.commands.has(group)) {
    const message = `is of process group ${group}, which the file does not have: it becomes a Machine of its own`;
    machine.report.warn('otherMachine', machine.path, message);
    return 'alone';
  }
  if (configOf(machine)?.strings('standbys')?.length)
    return leftOut('it stands by for another one, which Kubernetes starts elsewhere by itself');
  return 'group';
}

/** What flyctl starts beside an app, and takes away again. */
const helpers: ReadonlyMap<string, string> = new Map([
  ['fly_app_release_command', 'it ran a release command, which `deploy.releaseCommand` does'],
  ['fly_app_test_machine_command', 'it ran a machine check, which `services[].machineChecks` does'],
  ['fly_app_console', 'it was a console: use `kubectl exec -it`, or `kubectl debug`'],
]);

/** `config`, or what Fly knows of it while the host of the machine cannot be reached. */
export function configOf(machine: Section): Section | undefined {
  return machine.section('config') ?? machine.section('incomplete_config');
}

/** Words about a machine: the platform's, and the user's own. */
export function metadataOf(machine: Section): Readonly<Record<string, string>> {
  const found = configOf(machine)?.value('metadata');
  const entries = isTable(found) ? Object.entries(found) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Its process group, as it is called in an App. `process_group` is the older word. */
export function groupOf(machine: Section): string | undefined {
  const { fly_process_group: group, process_group: older } = metadataOf(machine);
  return labelOf(group || older || '') || undefined;
}

const isManaged = (machine: Section) => metadataOf(machine).fly_platform_version === 'v2';

/** Where a list has machines of several apps, as some programs make it. */
function ownerOf(machine: Section): string | undefined {
  const app = machine.value('app') ?? machine.value('app_name');
  if (typeof app === 'string') return app || undefined;
  return isTable(app) && typeof app.name === 'string' ? app.name : undefined;
}

/** The scale of each group, as its machines are spread now. */
export function scalesOf({ ofGroups }: Fleet, primaryRegion: string | undefined): ReadonlyMap<string, Scale> {
  return new Map([...ofGroups].map(([group, machines]) => [group, scaleOf(machines, primaryRegion)]));
}

/** One region alone is not worth a word where it is the primary one. */
function scaleOf(machines: readonly Section[], primary: string | undefined): Scale {
  const counts = Map.groupBy(machines, (machine) => labelOf(machine.text('region') ?? '') || primary || '');
  const regions = [...counts].map(([name, { length }]) => ({ name, count: length }));
  if (regions.every(({ name }) => name === primary) || counts.has('')) return { count: machines.length };
  const rank = ({ name }: { name: string }) => (name === primary ? `0${name}` : `1${name}`);
  return { regions: regions.sort((a, b) => (rank(a) < rank(b) ? -1 : 1)) };
}
