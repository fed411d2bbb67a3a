import type { AppSpecInput } from '../api/app.ts';
import { parseBytes } from '../api/quantity.ts';
import { defaultMountSize } from '../api/storage.ts';
import { becomes, labelOf } from './label.ts';
import { type Groups, processesOf } from './processes.ts';
import { given, type Section } from './section.ts';
import { volumeSizeOf } from './units.ts';

type MountInput = NonNullable<AppSpecInput['mounts']>[number];

const threshold = 'auto_extend_size_threshold';
const increment = 'auto_extend_size_increment';
const limit = 'auto_extend_size_limit';

/** `[[mounts]]`, `[mounts]`, and the older `[mount]`: one volume for each machine of a group. */
export function mounts(root: Section, groups: Groups): MountInput[] {
  const found: MountInput[] = [];
  for (const section of ['mount', 'mounts'].flatMap((key) => root.sections(key))) {
    const mount = mountOf(section, groups);
    const same = found.find(({ name }) => name === mount.name);
    if (!same) found.push(mount);
    else if (same.processes && mount.processes && isSameVolume(same, mount)) {
      same.processes = [...new Set([...same.processes, ...mount.processes])];
      section.made(same);
    } else found.push(section.made({ ...mount, name: freeName(section, mount, found) }));
  }
  return found;
}

function mountOf(section: Section, groups: Groups): MountInput {
  const source = section.required('source', section.text('source'), 'data');
  const name = labelOf(source);
  if (!name) section.wrong('source', 'must have a letter or digit');
  else if (name !== source) section.warn('renamed', 'source', becomes(name));
  return section.made({
    name,
    destination: destination(section),
    ...given({
      size: volumeSizeOf(section, 'initial_size'),
      processes: processesOf(section, groups),
      snapshots: snapshots(section),
      autoExtend: autoExtend(section),
    }),
  });
}

const isSameVolume = (a: MountInput, b: MountInput) =>
  JSON.stringify({ ...a, processes: [] }) === JSON.stringify({ ...b, processes: [] });

/** Only where the file speaks of them: Fly's own, daily and kept for 5 days, are of its platform, not of the app. */
function snapshots(section: Section): MountInput['snapshots'] {
  const retentionDays = section.integer('snapshot_retention', { min: 1, max: 60 });
  const areScheduled = section.boolean('scheduled_snapshots');
  if (areScheduled === false && retentionDays)
    section.warn(
      'noEffect',
      'snapshot_retention',
      'is not converted: scheduled_snapshots is false, so there are none to keep',
    );
  return areScheduled === false || (areScheduled ?? retentionDays) === undefined ? undefined : given({ retentionDays });
}

/** Bounds as in flyctl (internal/appconfig/validation.go), which does nothing without a threshold. */
function autoExtend(section: Section): MountInput['autoExtend'] {
  if (!section.has(threshold) || section.value(threshold) === 0) {
    for (const key of [increment, limit])
      if (section.has(key)) section.warn('noEffect', key, `is not converted: no volume grows without ${threshold}`);
    return undefined;
  }
  const found = {
    threshold: section.required(threshold, section.integer(threshold, { min: 50, max: 99 }), 50),
    increment: section.required(increment, volumeSizeOf(section, increment, 100), '1Gi'),
    ...given({ limit: volumeSizeOf(section, limit, 500) }),
  };
  const size = volumeSizeOf(section, 'initial_size') ?? defaultMountSize;
  if (found.limit === undefined || parseBytes(found.limit) >= parseBytes(size)) return found;
  return section.wrong(limit, `must not be below the size of the volume, ${size}`);
}

function destination(section: Section): string {
  const path = section.required('destination', section.text('destination'), '/data');
  if (!/^\/[^:]*$/.test(path)) section.wrong('destination', `must be an absolute path without \`:\`, not "${path}"`);
  return path;
}

/** On Fly groups may mount volumes of one name in different ways; in an App each way has its own name. */
function freeName(section: Section, { name, processes = [] }: MountInput, found: readonly MountInput[]): string {
  const free = labelOf(`${name}-${processes[0] ?? ''}`);
  if (found.some((mount) => mount.name === free))
    section.wrong('source', `is mounted more than once; give each its own name`, 'contradiction');
  else section.warn('renamed', 'source', `becomes ${free}, because ${name} is mounted in another way too`);
  return free;
}
