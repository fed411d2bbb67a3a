import type { AppSpecInput } from '../api/app.ts';
import { becomes, labelOf } from './label.ts';
import { type Groups, processesOf } from './processes.ts';
import { given, type Section } from './section.ts';
import { volumeSizeOf } from './units.ts';

type MountInput = NonNullable<AppSpecInput['mounts']>[number];

const growByHand = 'a volume grows when `size` of the mount is raised in the App';
const unsupported = {
  snapshot_retention: 'take snapshots with a VolumeSnapshot of your cluster',
  scheduled_snapshots: 'take snapshots with a VolumeSnapshot of your cluster',
  auto_extend_size_threshold: growByHand,
  auto_extend_size_increment: growByHand,
  auto_extend_size_limit: growByHand,
};

/** `[[mounts]]`, `[mounts]`, and the older `[mount]`: one volume for each machine of a group. */
export function mounts(root: Section, groups: Groups): MountInput[] {
  const found: MountInput[] = [];
  for (const section of ['mount', 'mounts'].flatMap((key) => root.sections(key))) {
    const mount = mountOf(section, groups);
    const same = found.find(({ name }) => name === mount.name);
    if (!same) found.push(mount);
    else if (same.processes && mount.processes && same.destination === mount.destination && same.size === mount.size) {
      same.processes = [...new Set([...same.processes, ...mount.processes])];
    } else found.push(section.made({ ...mount, name: freeName(section, mount, found) }));
  }
  return found;
}

function mountOf(section: Section, groups: Groups): MountInput {
  section.unsupported(unsupported);
  const source = section.required('source', section.text('source'), 'data');
  const name = labelOf(source);
  if (!name) section.wrong('source', 'must have a letter or digit');
  else if (name !== source) section.warn('source', becomes(name));
  return section.made({
    name,
    destination: destination(section),
    ...given({ size: volumeSizeOf(section, 'initial_size'), processes: processesOf(section, groups) }),
  });
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
    section.wrong('source', `is mounted more than once; give each its own name`);
  else section.warn('source', `becomes ${free}, because ${name} is mounted in another way too`);
  return free;
}
