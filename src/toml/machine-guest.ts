import { parseBytes } from '../api/quantity.ts';
import { defaultVmSize, vmPresets } from '../api/vm.ts';
import { given, type Section } from './section.ts';
import { type VmInput, vm } from './vm.ts';

const mebibyte = 2 ** 20;

/** `guest` of a machine, or the older `size`, as the preset that it is, with what differs from that. */
export function guest(config: Section): VmInput | undefined {
  const section = config.section('guest');
  if (!section) return config.has('size') ? vm(config) : undefined;
  config.value('size');
  const { memory, ...own } = vm(section);
  const [size, preset] = [...vmPresets].find(([size]) => isSame(kindOf(own), kindOf({ size }))) ?? [];
  if (size === undefined || preset === undefined) return given({ memory, ...own, gpus: own.gpus || undefined });
  const isUsual = memory === undefined || parseBytes(memory) === preset.memoryMiB * mebibyte;
  return { size, ...(isUsual ? {} : { memory }) };
}

/** Whether two sizes are the same machine, however they are written. None is the default. */
export function isSameSize(a: VmInput = {}, b: VmInput = {}): boolean {
  return isSame([...kindOf(a), memoryOf(a)], [...kindOf(b), memoryOf(b)]);
}

const isSame = (a: readonly unknown[], b: readonly unknown[]) => JSON.stringify(a) === JSON.stringify(b);

/** All of a size but its memory, in whole. */
function kindOf({ size = defaultVmSize, cpuKind, cpus, gpus, gpuKind }: VmInput): unknown[] {
  const preset = vmPresets.get(size);
  const gpu = gpuKind ?? preset?.gpuKind ?? '';
  return [cpuKind ?? preset?.cpuKind, cpus ?? preset?.cpus, gpu, gpus ?? (gpu ? 1 : 0)];
}

function memoryOf({ size = defaultVmSize, memory }: VmInput): number {
  return memory === undefined ? (vmPresets.get(size)?.memoryMiB ?? 0) * mebibyte : parseBytes(memory);
}

/** For messages: `performance-2x with 4Gi`. */
export function sizeText({ size, memory, cpuKind, cpus }: VmInput = {}): string {
  const kind = size ?? (cpus === undefined ? defaultVmSize : `${cpus} ${cpuKind ?? 'shared'} CPUs`);
  return memory === undefined ? kind : `${kind} with ${memory}`;
}
