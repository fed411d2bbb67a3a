import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { claimedHosts } from '../../src/desired/hosts.ts';
import { anApp } from './app-fixture.ts';

const edge = { kind: 'gate', baseDomain: 'apps.example.com' } as const;
const services: AppSpecInput['services'] = [{ internalPort: 8080, ports: [{ port: 80, handlers: ['http'] }] }];
const claims = (spec: Partial<AppSpecInput> = {}, at: Parameters<typeof claimedHosts>[1] = edge) =>
  claimedHosts(anApp({ services, ...spec }), at);
const hosts = (...of: Parameters<typeof claims>) => claims(...of).hosts.map(({ host }) => host);

describe('the hosts of an App', () => {
  it('are one of its name under the base domain, and its domains', () => {
    const domains = [{ host: 'hello.example.org', tlsSecretName: 'hello-tls' }, { host: '*.hello.example.org' }];
    expect(claims({ domains }).hosts).toEqual([{ host: 'hello.apps.example.com' }, ...domains]);
    expect(hosts({ domains }, { kind: 'gate', baseDomain: undefined })).toEqual([
      'hello.example.org',
      '*.hello.example.org',
    ]);
  });

  it('are none without an edge, nor of an App whose ports nobody asks for by name', () => {
    expect(claimedHosts(anApp({ services }), undefined).hosts).toEqual([]);
    expect(hosts({ services: [] })).toEqual([]);
    expect(hosts({ services: [{ internalPort: 25, ports: [{ port: 25 }] }] })).toEqual([]);
  });

  it('may have a certificate of its own for its name under the base domain', () => {
    const own = { host: 'hello.apps.example.com', tlsSecretName: 'own' };
    expect(claims({ domains: [own] })).toEqual({ hosts: [own], problems: [] });
  });

  it.each([
    ['other.apps.example.com', 'HostReserved'],
    ['*.apps.example.com', 'HostReserved'],
    ['10.1.2.3', 'InvalidHost'],
    [`${'a'.repeat(64)}.example.com`, 'InvalidHost'],
  ])('are never %s', (host, reason) => {
    const { hosts, problems } = claims({ domains: [{ host }] });
    expect(hosts.map((one) => one.host)).toEqual(['hello.apps.example.com']);
    expect(problems).toEqual([{ host, reason, message: expect.stringContaining('write') }]);
  });

  it('may be the base domain itself, and names further down', () => {
    const domains = [{ host: 'apps.example.com' }, { host: 'a.b.apps.example.com' }];
    expect(hosts({ domains })).toHaveLength(3);
  });
});
