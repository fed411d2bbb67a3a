import type { AppSpecInput } from '../api/app.ts';
import { programs } from './experimental.ts';
import type { Groups } from './processes.ts';
import { restarts } from './restart.ts';
import type { Scale } from './scale.ts';
import { given, type Section } from './section.ts';
import { vms } from './vm.ts';

type GroupFields = Pick<AppSpecInput, 'count' | 'processes' | 'restart'>;

/** The process groups as sections of several kinds make them. A file that says nothing of them has none in its App. */
export function processGroups(root: Section, groups: Groups, scales: ReadonlyMap<string, Scale>): GroupFields {
  const [programOf, sizes, restartOf] = [programs(root, groups), vms(root, groups), restarts(root, groups)];
  const names = [...groups.commands.keys()];
  const isAlone = names.length === 1;
  const found = names.map((name) => ({
    name,
    ...programOf(name),
    ...given({ vm: sizes.get(name), restart: isAlone ? undefined : restartOf.get(name) }),
  }));
  const own = scales.get(groups.default);
  const saySomething =
    groups.areDeclared || own?.regions !== undefined || found.some((group) => Object.keys(group).length > 1);
  const scaled = () => found.map((group) => ({ ...group, ...scales.get(group.name) }));
  return given({
    count: saySomething ? undefined : own?.count,
    processes: saySomething
      ? scaled().map((group) => root.report.made(group, groups.origins.get(group.name) ?? root.at('processes')))
      : undefined,
    restart: isAlone ? restartOf.get(groups.default) : undefined,
  });
}
