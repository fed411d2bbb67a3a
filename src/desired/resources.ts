import type { Resources } from '../api/kubernetes.ts';
import { formatBytes, formatCpus, parseBytes } from '../api/quantity.ts';
import { defaultVmSize, type Vm, type VmPreset, vmPresets } from '../api/vm.ts';
import { gpuCount, gpuResource } from './gpu.ts';

const mebibyte = 2 ** 20;

/** A size on Fly is a share of a host: 16 shared CPUs share one. */
const sharesPerCpu = 16;

export function memoryMiB(vm: Vm): number {
  if (vm.memory) return Math.ceil(parseBytes(vm.memory) / mebibyte);
  const { cpus, memoryMiB } = presetOf(vm);
  return (memoryMiB / cpus) * (vm.cpus ?? cpus);
}

/**
 * Requests and limits of a machine of this size. Memory is requested as it is limited, so that no machine is
 * overcommitted; so are GPUs, which Kubernetes does not share out at all.
 */
export function resourcesOf(vm: Vm): Resources {
  const preset = presetOf(vm);
  const cpus = vm.cpus ?? preset.cpus;
  const memory = formatBytes(vm.memory ? parseBytes(vm.memory) : memoryMiB(vm) * mebibyte);
  const requestedCpus = (vm.cpuKind ?? preset.cpuKind) === 'shared' ? cpus / sharesPerCpu : cpus;
  const gpus = gpuCount(vm);
  const rest = { memory, ...(gpus > 0 && { [gpuResource]: `${gpus}` }) };
  return {
    requests: { cpu: formatCpus(requestedCpus), ...rest },
    limits: { cpu: formatCpus(cpus), ...rest },
  };
}

function presetOf(vm: Vm): VmPreset {
  const preset = vmPresets.get(vm.size) ?? vmPresets.get(defaultVmSize);
  if (!preset) throw new Error(`no machine size ${vm.size}`);
  return preset;
}
