import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { Edge } from '../../src/desired/settings.ts';
import { unrealisedFields } from '../../src/status/unrealised.ts';
import { anApp } from '../desired/app-fixture.ts';

type Spec = Partial<AppSpecInput>;

const fieldsOf = (spec: Spec, isFinal: boolean, hasGates = false) =>
  unrealisedFields(anApp(spec), hasGates)
    .filter((field) => field.isFinal === isFinal)
    .map(({ field }) => field);
const service = { internalPort: 8080 };

describe('fields that are not acted on', () => {
  it('are none in an App that uses only what is', () => {
    const check = { type: 'http' as const, path: '/health' };
    const ports = [{ port: 80, handlers: ['http' as const] }];
    const spec: Spec = {
      services: [
        {
          ...service,
          ports,
          checks: [check, { type: 'tcp' }],
          machineChecks: [{ command: ['try'] }],
          processes: ['web'],
        },
      ],
      primaryRegion: 'iad',
      processes: [{ name: 'web' }, { name: 'app', regions: [{ name: 'iad', count: 2 }], vm: { size: 'a10' } }],
      mounts: [{ name: 'data', destination: '/data' }],
      files: [{ path: '/etc/x', content: 'x' }],
      metrics: [{ port: 9091 }],
      deploy: { releaseCommand: ['true'] },
      deletionProtection: true,
    };
    expect(unrealisedFields(anApp(spec), false)).toEqual([]);
  });

  it.each<[string, Spec]>([
    ['that runs always', { services: [service], restart: { policy: 'always' } }],
    ['whose machines may end', { restart: { policy: 'no' } }],
    [
      'beside a group that serves',
      { services: [service], processes: [{ name: 'app' }, { name: 'once', restart: { policy: 'onFailure' } }] },
    ],
  ])('are not the restart policy of a group %s', (_, spec) => {
    expect(unrealisedFields(anApp(spec), false)).toEqual([]);
  });

  it.each<[string, Spec]>([
    ['spec.services[0].autoStop', { services: [{ ...service, autoStop: 'suspend' }] }],
    ['spec.services[0].concurrency.hardLimit', { services: [{ ...service, concurrency: { hardLimit: 5 } }] }],
    ['spec.services[0].ports[0].handlers', { services: [{ ...service, ports: [{ port: 443, handlers: ['tls'] }] }] }],
    ['spec.domains', { domains: [{ host: 'hello.example.com' }] }],
  ])('yet: %s', (field, spec) => {
    expect(fieldsOf(spec, false)).toContain(field);
  });

  it('are not the domains where there is an edge, but for certificates that a Gateway has itself', () => {
    const spec: Spec = { domains: [{ host: 'hello.example.com', tlsSecretName: 'hello-tls' }] };
    const fields = (edge?: Edge) => unrealisedFields(anApp(spec), true, edge && { edge }).map(({ field }) => field);
    const baseDomain = undefined;
    expect(fields({ kind: 'gate', baseDomain })).toEqual([]);
    expect(fields({ kind: 'ingress', baseDomain, ingressClass: undefined })).toEqual([]);
    const gateway = { namespace: 'infra', name: 'public' };
    expect(fields({ kind: 'httproute', baseDomain, gateway })).toEqual(['spec.domains[0].tlsSecretName']);
  });

  it('is the TLS of Postgres, which no gate speaks', () => {
    const spec: Spec = { services: [{ ...service, ports: [{ port: 5432, handlers: ['pgTls'] }] }] };
    expect(fieldsOf(spec, true, true)).toEqual(['spec.services[0].ports[0].handlers']);
  });

  it.each<[string, Spec]>([
    [
      'spec.services[0].checks[1].method',
      { services: [{ ...service, checks: [{ type: 'tcp' }, { type: 'http', method: 'HEAD' }] }] },
    ],
    [
      'spec.services[0].checks[0].tlsServerName',
      { services: [{ ...service, checks: [{ type: 'http', tlsServerName: 'a' }] }] },
    ],
    ['spec.swap', { swap: '512Mi' }],
    [
      'spec.services[0].machineChecks',
      {
        services: [{ ...service, machineChecks: [{ command: ['try'] }] }],
        mounts: [{ name: 'data', destination: '/data' }],
      },
    ],
    ['spec.restart.policy', { restart: { policy: 'no' }, services: [service] }],
    [
      'spec.processes[1].restart.policy',
      {
        processes: [{ name: 'app' }, { name: 'db', restart: { policy: 'onFailure', retries: 3 } }],
        mounts: [{ name: 'data', destination: '/data', processes: ['db'] }],
      },
    ],
  ])('because Kubernetes has nothing for them: %s', (field, spec) => {
    expect(fieldsOf(spec, true)).toContain(field);
  });
});

it('suspending is not acted on where pods cannot be resized', () => {
  const services = (['stop', 'suspend'] as const).map((autoStop) => ({ internalPort: 80, autoStop }));
  expect(unrealisedFields(anApp({ services }), true, { canResize: false })).toMatchObject([
    { field: 'spec.services[1].autoStop', instead: expect.stringContaining('machines are stopped instead') },
  ]);
  expect(unrealisedFields(anApp({ services }), true, { canResize: true })).toEqual([]);
});
