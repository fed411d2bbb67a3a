import type { App } from '../api/app.ts';
import { processSchema } from '../api/process.ts';
import { defaultGroup, groupsOf } from '../desired/groups.ts';
import { memoryMiB } from '../desired/resources.ts';
import { table } from './table.ts';

/** A group as it is scaled; `--output json` prints it as it is, so fields are only ever added. */
export interface ScaledGroup {
  readonly process: string;
  /** What is asked for; null where it is left to Airfield. */
  readonly count: number | null;
  readonly regions: readonly { readonly name: string; readonly count: number }[];
  readonly ready: number;
  readonly stopped: number;
  readonly size: string;
  readonly memory: string;
}

export function scaledGroups({ spec, status }: App): ScaledGroup[] {
  return groupsOf(spec).map((group): ScaledGroup => {
    const { name, count, regions = [], vm } = processSchema.parse(group);
    const seen = status.processes?.find((process) => process.name === name);
    const own = count ?? (name === defaultGroup(spec) ? spec.count : undefined);
    return {
      process: name,
      count: own ?? null,
      regions,
      ready: seen?.ready ?? 0,
      stopped: seen?.stopped ?? 0,
      size: vm.size,
      memory: vm.memory ?? `${memoryMiB(vm)}Mi`,
    };
  });
}

export function scaleTable(app: App): string {
  const rows = scaledGroups(app).map(({ process, count, regions, ready, stopped, size, memory }) => {
    const where = regions.map((region) => `${region.name}=${region.count}`).join(' ');
    return [process, where || `${count ?? 'default'}`, `${ready}`, `${stopped}`, size, memory];
  });
  return table(['GROUP', 'COUNT', 'READY', 'STOPPED', 'SIZE', 'MEMORY'], rows);
}
