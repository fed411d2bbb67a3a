import type * as z from 'zod';
import { type MachineSpecInput, machineSpecSchema } from '../api/machine.ts';
import { scheduleSpecSchema } from '../api/schedule.ts';
import { machineOf } from './machine.ts';
import type { MachineContext } from './machine-context.ts';
import { configOf, type Fleet } from './machine-fleet.ts';
import { guest, isSameSize, sizeText } from './machine-guest.ts';
import { withoutDigest } from './machine-image.ts';
import { machineKeys, sayUnread, scheduleKeys } from './machine-keys.ts';
import { machineNames } from './machine-names.ts';
import { scheduleOf } from './machine-schedule.ts';
import type { MachineManifest, ScheduleManifest } from './manifest.ts';
import { pathText } from './path.ts';
import type { FieldNote } from './schema-check.ts';
import type { Section } from './section.ts';

/** Kubernetes allows 63, and 52 where it adds 11 for each run. */
const longest = { machine: 63, schedule: 52 };

/** The Machines and Schedules of a fleet, each kind in the order of the list. */
export function resourcesOf(
  fleet: Fleet,
  context: Omit<MachineContext, 'images'>,
  notesOn: (spec: MachineSpecInput) => readonly FieldNote[] = () => [],
): (MachineManifest | ScheduleManifest)[] {
  const all = { ...context, images: imagesOf(fleet, context.app.spec.image) };
  const [nameMachine, nameSchedule] = [machineNames(longest.machine), machineNames(longest.schedule)];
  warnOfSizes(fleet, context);
  const machines = fleet.alone.flatMap((machine) => {
    const found = machineOf(machine, nameMachine(machine), all);
    review(fleet, machine, machineKeys, machineSpecSchema, found?.spec);
    if (!found || fleet.report.hasErrors) return [];
    for (const { field, message } of notesOn(found.spec))
      fleet.report.warn('notActedOn', machine.path, `has ${field}, which ${message}`);
    return found;
  });
  const schedules = fleet.scheduled.flatMap((machine) => {
    const found = scheduleOf(machine, nameSchedule(machine), all);
    review(fleet, machine, scheduleKeys, scheduleSpecSchema, found?.spec);
    return found ?? [];
  });
  return [...machines, ...schedules];
}

/** Says what is left over of a machine, and what its schema refuses. */
function review(
  { report }: Fleet,
  machine: Section,
  remarks: typeof machineKeys,
  schema: z.ZodType,
  spec: object | undefined,
): void {
  sayUnread(report, report.valueAt(machine.path), machine.path, remarks);
  if (report.hasErrors || !spec) return;
  for (const { path, message } of schema.safeParse(spec).error?.issues ?? []) {
    const field = pathText(path.map((part) => (typeof part === 'symbol' ? part.toString() : part)));
    report.error('refused', machine.path, `would be refused: spec.${field}: ${message}`);
  }
}

function imagesOf({ ofGroups }: Fleet, own: string): ReadonlySet<string> {
  const images = [...ofGroups.values()].flat().flatMap((machine) => configOf(machine)?.text('image') ?? []);
  return new Set([own, ...images].map(withoutDigest));
}

/** What was scaled with `fly scale vm` is not in the file either. Each size of a group is told once. */
function warnOfSizes({ ofGroups, report }: Fleet, { app }: Pick<MachineContext, 'app'>): void {
  for (const [group, machines] of ofGroups) {
    const wanted = app.spec.processes?.find(({ name }) => name === group)?.vm;
    const told = new Set<string>();
    for (const config of machines.flatMap((machine) => configOf(machine) ?? [])) {
      const size = config.has('guest') ? guest(config) : wanted;
      const shown = sizeText(size);
      if (isSameSize(size, wanted) || told.has(shown)) continue;
      told.add(shown);
      const message = `is ${shown}, and the file says ${sizeText(wanted)} for group ${group}: write it in [[vm]]`;
      report.warn('otherMachine', config.at('guest'), message);
    }
  }
}
