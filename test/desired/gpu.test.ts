import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { gpuKinds, vmSchema } from '../../src/api/vm.ts';
import { gpuRequirements, gpuTolerations } from '../../src/desired/gpu.ts';
import { resourcesOf } from '../../src/desired/resources.ts';

const vm = (input: z.input<typeof vmSchema>) => vmSchema.parse(input);

describe('a machine with a GPU', () => {
  it('has what its size brings, and its GPU whole', () => {
    const resources = { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' };
    expect(resourcesOf(vm({ size: 'l40s' }))).toEqual({ requests: resources, limits: resources });
  });

  it.each([
    [{ size: 'a10', gpus: 2 }, '2'],
    [{ size: 'performance-8x', gpuKind: 'a10' }, '1'],
    [{ size: 'performance-8x', gpus: 4 }, '4'],
  ] as const)('has as many as it asks for: %o', (size, count) => {
    expect(resourcesOf(vm(size)).limits?.['nvidia.com/gpu']).toBe(count);
  });

  it.each([
    ['a10', 'NVIDIA-A10'],
    ['l40s', 'NVIDIA-L40S'],
    ['a100-40gb', 'NVIDIA-A100-SXM4-40GB'],
    ['a100-80gb', 'NVIDIA-A100-80GB-PCIe'],
  ] as const)('runs where %s is', (kind, product) => {
    for (const size of [vm({ size: kind }), vm({ size: 'performance-8x', gpuKind: kind })]) {
      expect(gpuRequirements(size)).toEqual([
        { key: 'nvidia.com/gpu.product', operator: 'In', values: expect.arrayContaining([product]) },
      ]);
    }
  });

  it('never runs on the product of another kind', () => {
    const all = gpuKinds.flatMap((size) => gpuRequirements(vm({ size }))[0]?.values ?? []);
    expect(new Set(all).size).toBe(all.length);
  });

  it('runs on any kind where it names none', () => {
    expect(gpuRequirements(vm({ gpus: 1 }))).toEqual([]);
    expect(gpuTolerations(vm({ gpus: 1 }))).toHaveLength(1);
  });

  it('is let onto nodes that are kept for GPUs', () => {
    const toleration = { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' };
    expect(gpuTolerations(vm({ size: 'a10' }))).toEqual([toleration]);
  });
});

it.each([{}, { size: 'a10', gpus: 0 }])('a machine without a GPU asks for none: %o', (size) => {
  expect(resourcesOf(vm(size)).limits).not.toHaveProperty('nvidia.com/gpu');
  expect(gpuRequirements(vm(size))).toEqual([]);
  expect(gpuTolerations(vm(size))).toEqual([]);
});
