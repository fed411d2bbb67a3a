import type { AppSpecInput } from '../api/app.ts';
import { defaultProcess } from '../api/process.ts';
import { defaultGroup } from '../desired/groups.ts';
import { CommandError } from './command-error.ts';
import type { ScaleTarget } from './scale-target.ts';

type Group = NonNullable<AppSpecInput['processes']>[number];
/** As it is stored: `count` and `processes` are all of a spec that scaling changes. */
export type Scalable = Pick<AppSpecInput, 'count' | 'processes'>;

/** The fields of a spec that are others when it is scaled, with a line for people about each. */
export interface Scaling {
  readonly patch: Scalable;
  readonly changes: readonly string[];
}

/** Throws a CommandError for a group or a region that is not there, and names those that are. */
export function scaled(spec: Scalable, targets: readonly ScaleTarget[]): Scaling {
  const patch: { count?: number; processes?: Group[] } = {};
  const changes: string[] = [];
  for (const { group: asked, region, count } of targets) {
    const now = { ...spec, ...patch };
    const name = asked ?? defaultGroup(now);
    const group = groupOf(now, name);
    if (region !== undefined || group?.regions?.length) {
      patch.processes = replaced(now, inRegion(group, { name, region, count }));
    } else if (name === defaultGroup(now) && group?.count === undefined) {
      // Where `kubectl scale` and autoscalers write it, too.
      patch.count = count;
    } else {
      patch.processes = replaced(now, { ...group, name, count });
    }
    const where = region ? ` in ${region}` : '';
    changes.push(`${name}: ${count} ${count === 1 ? 'machine' : 'machines'}${where}`);
  }
  return { patch, changes };
}

/** Another size for one group, or for all of them. */
export function resized(spec: Scalable, group: string | undefined, vm: NonNullable<Group['vm']>): Scaling {
  if (group !== undefined) groupOf(spec, group);
  const groups = spec.processes?.length ? spec.processes : [{ name: defaultProcess }];
  const isMeant = ({ name }: Group) => group === undefined || name === group;
  const processes = groups.map((one) => (isMeant(one) ? { ...one, vm } : one));
  const text = [vm.size, vm.memory].filter(Boolean).join(', ');
  return { patch: { processes }, changes: groups.filter(isMeant).map(({ name }) => `${name}: ${text}`) };
}

/** A group that is written down; undefined for the one that an App without any has. */
function groupOf({ processes }: Scalable, name: string): Group | undefined {
  const found = processes?.find((group) => group.name === name);
  if (found || (!processes?.length && name === defaultProcess)) return found;
  const there = processes?.length ? processes.map((group) => group.name) : [defaultProcess];
  throw new CommandError(`there is no process group ${name}; there is ${there.join(', ')}`, 2);
}

const replaced = ({ processes = [] }: Scalable, group: Group): Group[] =>
  processes.map((one) => (one.name === group.name ? group : one));

interface InRegion {
  readonly name: string;
  readonly region: string | undefined;
  readonly count: number;
}

function inRegion(group: Group | undefined, { name, region, count }: InRegion): Group {
  const regions = group?.regions ?? [];
  const there = regions.map((one) => one.name);
  if (!group || regions.length === 0)
    throw new CommandError(`${name} names no regions: write them into the App first (spec.processes[].regions)`, 2);
  if (region === undefined)
    throw new CommandError(`${name} has regions: say which one, such as \`${name}/${there[0]}=${count}\``, 2);
  if (!there.includes(region)) throw new CommandError(`${name} is not in ${region}; it is in ${there.join(', ')}`, 2);
  return { ...group, regions: regions.map((one) => (one.name === region ? { ...one, count } : one)) };
}
