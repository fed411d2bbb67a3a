import type { z } from 'zod';
import { type GpuKind, gpuKinds, vmPresets, type vmSchema } from '../api/vm.ts';
import { labelOf } from './label.ts';
import type { Groups } from './processes.ts';
import { given, type Section } from './section.ts';
import { memoryOf } from './units.ts';

export type VmInput = z.input<typeof vmSchema>;

/** What Fly calls its GPUs in `gpu_kind`, and some files in `size`. */
const gpuNames: Readonly<Record<string, GpuKind>> = {
  ...(Object.fromEntries(gpuKinds.map((kind) => [kind, kind])) as Record<GpuKind, GpuKind>),
  'a100-pcie-40gb': 'a100-40gb',
  'a100-sxm4-80gb': 'a100-80gb',
};

/**
 * `[[vm]]`, and its older names: the size of the machines of each group. Of those that name a group the last one counts,
 * else the first that names none (flyctl, ComputeForGroup).
 */
export function vms(root: Section, { commands }: Groups): ReadonlyMap<string, VmInput> {
  const candidates = ['compute', 'computes', 'vm']
    .flatMap((key) => root.sections(key))
    .map((section) => ({ section, names: section.strings('processes')?.map(labelOf) ?? [], vm: vm(section) }));
  const forAll = candidates.find(({ names }) => names.length === 0);
  const found = new Map<string, VmInput>();
  for (const group of commands.keys()) {
    const size = (candidates.findLast(({ names }) => names.includes(group)) ?? forAll)?.vm;
    if (size) found.set(group, size);
  }
  for (const { section, names, vm } of candidates) {
    const unknown = names.find((name) => !commands.has(name));
    const isUsed = [...found.values()].includes(vm);
    if (unknown !== undefined)
      section.warn('unusedTable', 'processes', `names the group "${unknown}", which [processes] does not have`);
    if (!isUsed)
      section.warnAll('unusedTable', 'is not converted: it is the size of no group, or another goes before it');
  }
  return found;
}

/** One table of sizes. Later fields go over earlier ones, as in flyctl: `size`, `memory`, then the rest. */
export function vm(section: Section): VmInput {
  const size = section.text('size');
  const memory = memoryOf(section, 'memory');
  if (memory && section.has('memory_mb')) section.overridden('memory', 'memory_mb goes before it');
  const own = given({
    ...sized(section, size),
    ...given({ memory: section.has('memory_mb') ? memoryOf(section, 'memory_mb') : memory }),
    cpuKind: section.choice('cpu_kind', { shared: 'shared', performance: 'performance' }),
    cpus: section.integer('cpus', { min: 1, max: 128 }),
    gpus: section.integer('gpus', { min: 0, max: 16 }),
    ...given({ gpuKind: section.choice('gpu_kind', gpuNames) }),
  });
  return section.made(size === undefined ? sizedByGpu(own) : own);
}

function sized(section: Section, size: string | undefined): VmInput {
  if (size === undefined) return {};
  if (vmPresets.has(size)) return { size };
  const gpu = Object.hasOwn(gpuNames, size) ? gpuNames[size] : undefined;
  if (gpu !== undefined) return { size: gpu };
  section.wrong('size', `must be one of ${[...vmPresets.keys()].join(', ')}, not "${size}"`);
  return {};
}

/** A GPU alone brings the CPUs and the memory of the size that has its name (flyctl, DefaultGPUVMSize). */
function sizedByGpu({ gpuKind, ...own }: VmInput): VmInput {
  return gpuKind ? { size: gpuKind, ...own } : own;
}
