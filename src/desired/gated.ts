import type { App } from '../api/app.ts';
import type { AppService, ServicePort } from '../api/service.ts';

/**
 * Whether traffic of a service goes through the gates: where machines are stopped without work, where there are limits, or
 * where a handler has something to do. All other services are direct: Airfield is not in their way. Only of an App that is
 * read where there are gates: `withoutGates` makes all services direct.
 */
export function isGated({ protocol, ports, autoStop, concurrency }: AppService): boolean {
  if (protocol !== 'tcp' || ports.length === 0) return false;
  const hasLimit = concurrency?.softLimit !== undefined || concurrency?.hardLimit !== undefined;
  return autoStop !== 'off' || hasLimit || ports.some(isHandled);
}

/** Whether something has to be done on the way to a port. */
function isHandled({ handlers, forceHttps, httpOptions }: ServicePort): boolean {
  return forceHttps || httpOptions !== undefined || handlers.some((name) => name === 'tls' || name === 'proxyProto');
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
