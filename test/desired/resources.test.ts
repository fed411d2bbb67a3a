import { describe, expect, it } from 'vitest';
import { vmSchema } from '../../src/api/vm.ts';
import { resourcesOf } from '../../src/desired/resources.ts';

describe('the size of a machine', () => {
  it.each([
    ['shared-cpu-1x', {}, { requests: { cpu: '63m', memory: '256Mi' }, limits: { cpu: '1', memory: '256Mi' } }],
    [
      'shared-cpu-4x',
      { memory: '1024Mi' },
      { requests: { cpu: '250m', memory: '1Gi' }, limits: { cpu: '4', memory: '1Gi' } },
    ],
    ['performance-2x', {}, { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '2', memory: '4Gi' } }],
    [
      'shared-cpu-1x',
      { cpus: 2 },
      { requests: { cpu: '125m', memory: '512Mi' }, limits: { cpu: '2', memory: '512Mi' } },
    ],
  ])('%s %o', (size, more, resources) => {
    expect(resourcesOf(vmSchema.parse({ size, ...more }))).toEqual(resources);
  });
});
