import * as z from 'zod';
import { bytes } from './scalars.ts';

/** Fly's named machine sizes. https://fly.io/docs/about/pricing/#machines */
export interface VmPreset {
  readonly cpuKind: 'shared' | 'performance';
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly gpuKind?: GpuKind;
}

export const gpuKinds = ['a10', 'l40s', 'a100-40gb', 'a100-80gb'] as const;
export type GpuKind = (typeof gpuKinds)[number];

const presetsOf = (cpuKind: VmPreset['cpuKind'], memoryPerCpu: number, counts: number[]): [string, VmPreset][] =>
  counts.map((cpus) => [
    `${cpuKind}${cpuKind === 'shared' ? '-cpu' : ''}-${cpus}x`,
    { cpuKind, cpus, memoryMiB: cpus * memoryPerCpu },
  ]);

/** A GPU comes with 8 CPUs and 32 GiB (flyctl, fly-go/machine_types.go). */
const gpuPresets = gpuKinds.map((gpuKind): [string, VmPreset] => [
  gpuKind,
  { cpuKind: 'performance', cpus: 8, memoryMiB: 32_768, gpuKind },
]);

export const vmPresets: ReadonlyMap<string, VmPreset> = new Map([
  ...presetsOf('shared', 256, [1, 2, 4, 6, 8]),
  ...presetsOf('performance', 2048, [1, 2, 4, 6, 8, 10, 12, 14, 16]),
  ...gpuPresets,
]);

export const defaultVmSize = 'shared-cpu-1x';

export const vmSchema = z
  .object({
    size: z
      .enum([...vmPresets.keys()] as [string, ...string[]])
      .default(defaultVmSize)
      .describe(
        'Named size. `shared-cpu-Nx` requests N/16 CPU and may burst to N; `performance-Nx` requests N and is limited to N. Memory: 256Mi for each shared CPU, 2Gi for each performance CPU. The names of GPUs bring 8 performance CPUs, 32Gi and one GPU.',
      ),
    memory: bytes().optional().describe('Memory, requested and limited: `512Mi`, `1Gi`. Default: what `size` brings.'),
    cpuKind: z.enum(['shared', 'performance']).optional().describe('Replaces the kind of CPU that `size` brings.'),
    cpus: z.int().min(1).max(128).optional().describe('Replaces the number of CPUs that `size` brings.'),
    gpus: z.int().min(0).max(16).optional().describe('Number of GPUs. Default: 1 when `gpuKind` is given, else 0.'),
    gpuKind: z.enum(gpuKinds).optional().describe('Kind of GPU, by its name on Fly.'),
  })
  .describe('Size of each machine.');

export type Vm = z.infer<typeof vmSchema>;
