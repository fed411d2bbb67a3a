import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { probesOf } from '../../src/desired/probes.ts';
import { anApp, aRelease } from './app-fixture.ts';

type Service = NonNullable<AppSpecInput['services']>[number];
type Checks = NonNullable<Service['checks']>;

const web = { internalPort: 8080, ports: [{ port: 80 }] };
const health = { type: 'http' as const, path: '/health' };

const probes = (services: Service[], group = 'app', processes?: AppSpecInput['processes']) =>
  probesOf(aRelease(anApp({ services, processes })).spec, group);
const one = (check: Checks[number]) => probes([{ ...web, checks: [check] }])[0];
const asked = (found: ReturnType<typeof probes>) =>
  found.map(({ readinessProbe: { httpGet, tcpSocket } }) =>
    httpGet ? `${httpGet.port}${httpGet.path}` : `${tcpSocket?.port}`,
  );

describe('the check of a service', () => {
  it('decides about traffic: a readiness probe, asked every second until it passes once', () => {
    const found = one({ ...health, interval: '30s', timeout: '3s', headers: { Host: 'x', Accept: '*' } });
    const httpHeaders = [
      { name: 'Accept', value: '*' },
      { name: 'Host', value: 'x' },
    ];
    const httpGet = { path: '/health', port: 8080, scheme: 'HTTP', httpHeaders };
    expect(found).toEqual({
      readinessProbe: { httpGet, periodSeconds: 30, timeoutSeconds: 3, failureThreshold: 1 },
      startupProbe: { httpGet, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 2 ** 31 - 1 },
    });
  });

  it.each([
    ['1ms', 1],
    ['1500ms', 2],
    ['1m', 60],
    ['2h', 60],
  ])('takes %s as flyctl does: %i seconds', (duration, seconds) => {
    const found = one({ ...health, interval: duration, timeout: duration });
    expect(found?.readinessProbe).toMatchObject({ periodSeconds: seconds, timeoutSeconds: seconds });
  });

  it('asks over https without looking at the certificate, and always with GET', () => {
    const found = one({ ...health, protocol: 'https', method: 'POST', tlsServerName: 'x.example.com' });
    expect(found?.readinessProbe.httpGet).toEqual({ path: '/health', port: 8080, scheme: 'HTTPS' });
  });
});

describe('the checks of a machine', () => {
  it('are all checks of all its services', () => {
    const admin = { internalPort: 9000, checks: [{ ...health, path: '/admin' }] };
    const services = [{ ...web, checks: [health, { type: 'tcp' as const }] }, admin];
    expect(asked(probes(services))).toEqual(['8080/health', '8080', '9000/admin']);
  });

  it('are not doubled where two services ask the same', () => {
    const twice = [
      { ...web, checks: [health] },
      { ...web, ports: [{ port: 8443 }], checks: [{ ...health, gracePeriod: '10s' }] },
    ];
    expect(asked(probes(twice))).toEqual(['8080/health']);
  });

  it('are those of its own group', () => {
    const processes = [{ name: 'app' }, { name: 'worker' }];
    expect(probes([{ ...web, checks: [health] }], 'worker', processes)).toEqual([]);
  });

  it('are that the first tcp port accepts connections where there are no others', () => {
    const dns = { internalPort: 53, protocol: 'udp' as const };
    expect(asked(probes([dns, web, { internalPort: 9000 }]))).toEqual(['8080']);
    expect(asked(probes([web, { internalPort: 9000, checks: [health] }]))).toEqual(['9000/health']);
    expect(probes([dns])).toEqual([]);
    expect(probes([])).toEqual([]);
  });
});
