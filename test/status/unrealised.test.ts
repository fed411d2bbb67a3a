import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { unrealisedFields } from '../../src/status/unrealised.ts';
import { anApp } from '../desired/app-fixture.ts';

const fieldsOf = (spec: Partial<AppSpecInput>) => unrealisedFields(anApp(spec)).map(({ field }) => field);
const service = { internalPort: 8080 };

describe('fields that are not acted on yet', () => {
  it('are none in an App that uses only what is', () => {
    const check = { type: 'http' as const, path: '/health' };
    const ports = [{ port: 80, handlers: ['http' as const] }];
    const spec = {
      services: [{ ...service, ports, checks: [check] }],
      killSignal: 'SIGTERM' as const,
      primaryRegion: 'iad',
    };
    expect(fieldsOf(spec)).toEqual([]);
  });

  it.each<[string, Partial<AppSpecInput>]>([
    ['spec.services[0].autoStop', { services: [{ ...service, autoStop: 'suspend' }] }],
    ['spec.services[0].concurrency.hardLimit', { services: [{ ...service, concurrency: { hardLimit: 5 } }] }],
    ['spec.services[0].checks[1]', { services: [{ ...service, checks: [{ type: 'tcp' }, { type: 'tcp' }] }] }],
    ['spec.services[0].checks[0].method', { services: [{ ...service, checks: [{ type: 'http', method: 'HEAD' }] }] }],
    ['spec.services[0].ports[0].handlers', { services: [{ ...service, ports: [{ port: 443, handlers: ['tls'] }] }] }],
    ['spec.services[0].machineChecks', { services: [{ ...service, machineChecks: [{ command: ['true'] }] }] }],
    ['spec.processes[].regions', { processes: [{ name: 'app', regions: [{ name: 'iad', count: 1 }] }] }],
    ['spec.processes[].vm.gpus', { processes: [{ name: 'app', vm: { gpuKind: 'a10' } }] }],
    ['spec.restart.policy', { restart: { policy: 'no' } }],
    ['spec.deploy.strategy', { deploy: { strategy: 'canary' } }],
    ['spec.domains', { domains: [{ host: 'hello.example.com' }] }],
    ['spec.metrics', { metrics: [{ port: 9091 }] }],
    ['spec.checks', { checks: [{ name: 'up', type: 'tcp' }] }],
    ['spec.deletionProtection', { deletionProtection: true }],
  ])('%s is named', (field, spec) => {
    expect(fieldsOf(spec)).toContain(field);
  });

  it.each<[string, Partial<AppSpecInput>]>([
    ['spec.mounts', { mounts: [{ name: 'data', destination: '/data' }] }],
    ['spec.files', { files: [{ path: '/etc/x', content: 'x' }] }],
    ['spec.processes[].sidecars', { processes: [{ name: 'app', sidecars: [{ name: 'log', image: 'x' }] }] }],
    ['spec.deploy.releaseCommand', { deploy: { releaseCommand: ['true'] } }],
    [
      'spec.services',
      {
        processes: [{ name: 'app' }, { name: 'b' }],
        services: [
          { ...service, processes: ['app'] },
          { ...service, processes: ['app', 'b'] },
        ],
      },
    ],
  ])('%s stops an App from running at all, because something would be lost', (field, spec) => {
    expect(unrealisedFields(anApp(spec))).toContainEqual(expect.objectContaining({ field, blocking: true }));
  });
});
