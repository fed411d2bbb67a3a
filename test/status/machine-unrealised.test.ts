import { describe, expect, it } from 'vitest';
import { type MachineSpecInput, machineSpecSchema } from '../../src/api/machine.ts';
import { unrealisedOfMachine } from '../../src/status/machine-unrealised.ts';

const fieldsOf = (spec: Partial<MachineSpecInput>) =>
  unrealisedOfMachine({ spec: machineSpecSchema.parse({ app: 'hello', ...spec }) }).map(({ field }) => field);

describe('what a Machine says and is not acted on', () => {
  it('is nothing where its services need nobody in the way', () => {
    expect(fieldsOf({ services: [{ internalPort: 80, ports: [{ port: 80, handlers: ['http'] }] }] })).toEqual([]);
  });

  it('is all that gates do for the services of an App', () => {
    const ports = [{ port: 80, handlers: ['http' as const], forceHttps: true }];
    expect(
      fieldsOf({ services: [{ internalPort: 80, ports, autoStop: 'stop', concurrency: { hardLimit: 5 } }] }),
    ).toEqual([
      'spec.services[0].autoStop',
      'spec.services[0].concurrency.hardLimit',
      'spec.services[0].ports[0].forceHttps',
    ]);
  });
});
