import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { containerPorts, portName } from '../../src/desired/ports.ts';
import { anApp, aRelease } from './app-fixture.ts';

const processes = ['app', 'web', 'worker'].map((name) => ({ name }));
const on = (internalPort: number, groups?: string[], protocol: 'tcp' | 'udp' = 'tcp') => ({
  internalPort,
  protocol,
  processes: groups,
});

const published = (spec: Partial<AppSpecInput>, group: string) =>
  containerPorts(aRelease(anApp({ processes, ...spec })).spec, group).map(
    ({ name, containerPort, protocol }) => `${name} ${containerPort} ${protocol}`,
  );

describe('the ports that a machine publishes', () => {
  it('are those of the services of its group, each once', () => {
    const services = [on(8080), on(8080), on(53, ['app'], 'udp'), on(53, ['app']), on(9000, ['worker'])];
    expect(published({ services }, 'app')).toEqual(['tcp-8080 8080 TCP', 'udp-53 53 UDP', 'tcp-53 53 TCP']);
    expect(published({ services }, 'web')).toEqual([]);
  });

  it('have a name of their own for each set of groups that listens on the same one', () => {
    const services = [on(8080, ['worker', 'web']), on(8080), on(8080, ['web', 'worker']), on(8080, ['app'])];
    expect(published({ services }, 'web')).toEqual(['tcp-8080 8080 TCP']);
    expect(published({ services }, 'worker')).toEqual(['tcp-8080 8080 TCP']);
    expect(published({ services }, 'app')).toEqual(['tcp-8080-2 8080 TCP']);
    const app = anApp({ processes, services });
    expect(app.spec.services.map((service) => portName(app.spec, service))).toEqual([
      'tcp-8080',
      'tcp-8080-2',
      'tcp-8080',
      'tcp-8080-2',
    ]);
  });

  it('are those of its metrics too, where no service publishes them', () => {
    const metrics = [{ port: 8080 }, { port: 9091 }, { port: 9091, path: '/more' }, { port: 53 }];
    const services = [on(8080), on(53, ['app'], 'udp')];
    expect(published({ services, metrics }, 'app')).toEqual([
      'tcp-8080 8080 TCP',
      'udp-53 53 UDP',
      'metrics-9091 9091 TCP',
      'metrics-53 53 TCP',
    ]);
    expect(published({ services, metrics }, 'web')).toEqual([]);
  });

  it('have names that Kubernetes takes', () => {
    const services = Array.from({ length: 3 }, (_, index) => on(65535, [processes[index]?.name ?? '']));
    const names = ['app', 'web', 'worker'].flatMap((group) =>
      published({ services, metrics: [{ port: 65534 }] }, group),
    );
    for (const name of names) expect(name.split(' ')[0]).toMatch(/^[a-z0-9-]{1,15}$/);
  });
});
