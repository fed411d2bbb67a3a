import type { App } from '../api/app.ts';
import type { AppService, ServicePort } from '../api/service.ts';
import type { Settings } from './settings.ts';

/**
 * Whether a port of a service goes through the gates: all of them where machines are stopped without work or have limits,
 * and those whose handlers have something to do. The others are direct: Airfield is not in their way. Only of an App that is
 * read where there are gates: `withoutGates` makes all ports direct.
 */
export function isGatedPort({ protocol, autoStop, concurrency }: AppService, port: ServicePort): boolean {
  if (protocol !== 'tcp') return false;
  const hasLimit = concurrency?.softLimit !== undefined || concurrency?.hardLimit !== undefined;
  return autoStop !== 'off' || hasLimit || isHandled(port);
}

/** Whether any port of a service goes through the gates. */
export const isGated = (service: AppService): boolean => gatedPorts(service).length > 0;

export const gatedPorts = (service: AppService): ServicePort[] =>
  service.ports.filter((port) => isGatedPort(service, port));

/** The service with those of its ports alone that lead to its machines. */
export function directly(service: AppService): AppService {
  return { ...service, ports: service.ports.filter((port) => !isGatedPort(service, port)) };
}

/** Whether something has to be done on the way to a port. */
function isHandled({ handlers, forceHttps, httpOptions }: ServicePort): boolean {
  return forceHttps || httpOptions !== undefined || handlers.some((name) => name === 'tls' || name === 'proxyProto');
}

/** The App as it can be followed: `suspend` is `stop` where pods cannot be resized, and without gates nothing is gated. */
export function feasible(app: App, { gates, canResize }: Pick<Settings, 'gates' | 'canResize'>): App {
  if (!gates) return withoutGates(app);
  return canResize ? app : withoutSuspend(app);
}

function withoutSuspend(app: App): App {
  const services = app.spec.services.map(
    (service): AppService => (service.autoStop === 'suspend' ? { ...service, autoStop: 'stop' } : service),
  );
  return { ...app, spec: { ...app.spec, services } };
}

/** The App as it is where there are no gates: nothing is stopped, started or limited, and no handler does anything. */
export function withoutGates(app: App): App {
  const services = app.spec.services.map((service): AppService => {
    const { concurrency: _, ...rest } = service;
    const ports = service.ports.filter(({ handlers }) =>
      handlers.every((name) => name === 'http' || name === 'edgeHttp'),
    );
    const plain = ports.map(({ httpOptions: _options, ...port }) => ({ ...port, forceHttps: false }));
    return { ...rest, ports: plain, autoStop: 'off', minMachinesRunning: 0 };
  });
  return { ...app, spec: { ...app.spec, services } };
}
