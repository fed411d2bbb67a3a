import type { NodeSelectorRequirement, Toleration } from '../api/kubernetes.ts';
import { type GpuKind, type Vm, vmPresets } from '../api/vm.ts';

/** The resource of NVIDIA's device plugin, and the taint that keeps machines without a GPU off expensive nodes. */
export const gpuResource = 'nvidia.com/gpu';

/** What NVIDIA's GPU feature discovery calls the GPU of a node: the driver's name of it, with `-` for blanks. */
const productLabel = 'nvidia.com/gpu.product';

/**
 * The products that are sold as one kind. Fly gives a machine whole GPUs, so the names of slices and of shared GPUs
 * (`…-MIG-1g.5gb`, `…-SHARED`) are not among them.
 */
const products: Readonly<Record<GpuKind, readonly string[]>> = {
  a10: ['NVIDIA-A10', 'NVIDIA-A10G'],
  l40s: ['NVIDIA-L40S'],
  'a100-40gb': ['NVIDIA-A100-PCIE-40GB', 'NVIDIA-A100-SXM4-40GB'],
  'a100-80gb': ['NVIDIA-A100-80GB-PCIe', 'NVIDIA-A100-PCIE-80GB', 'NVIDIA-A100-SXM4-80GB'],
};

/** How many GPUs a machine of this size has. */
export function gpuCount(vm: Vm): number {
  return vm.gpus ?? (kindOf(vm) ? 1 : 0);
}

/** What a node must offer to machines of this size: the kind of GPU, where one is named. To be joined with others by "and". */
export function gpuRequirements(vm: Vm): NodeSelectorRequirement[] {
  const kind = kindOf(vm);
  return kind && gpuCount(vm) > 0 ? [{ key: productLabel, operator: 'In', values: [...products[kind]] }] : [];
}

/** Most clusters keep other pods off nodes with GPUs by a taint of this name. */
export function gpuTolerations(vm: Vm): Toleration[] {
  return gpuCount(vm) > 0 ? [{ key: gpuResource, operator: 'Exists', effect: 'NoSchedule' }] : [];
}

function kindOf({ gpuKind, size }: Vm): GpuKind | undefined {
  return gpuKind ?? vmPresets.get(size)?.gpuKind;
}
