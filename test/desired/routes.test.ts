import { describe, expect, it } from 'vitest';
import { routesAnnotation } from '../../src/api/meta.ts';
import { readRoutes } from '../../src/api/read-routes.ts';
import { trafficOf } from './gated-app.ts';

type Services = Parameters<typeof trafficOf>[0];

const web: Services[number] = {
  internalPort: 8080,
  autoStop: 'stop',
  ports: [
    { port: 80, handlers: ['http'], forceHttps: true },
    { port: 443, handlers: ['tls', 'http'] },
  ],
};

/** The routes of an App as a gate reads them. */
function readBack(services: Services, spec = {}) {
  const { service } = trafficOf(services, {}, spec);
  const { routes, problems } = readRoutes(service as Parameters<typeof readRoutes>[0]);
  expect(problems).toEqual([]);
  return routes;
}

describe('the routes of an App', () => {
  it('are one for each port of a gated service, as a gate reads them', () => {
    const [http, https] = readBack([web]);
    expect(http).toMatchObject({
      namespace: 'acme',
      app: 'hello',
      listenPort: 20_001,
      port: 80,
      internalPort: 8080,
      mode: 'http',
      http: { forceHttps: true },
      autoStart: true,
      machines: { slot: 'blue', processes: ['app'] },
      wake: [{ kind: 'Deployment', name: 'hello-app' }],
    });
    expect(https).toMatchObject({ listenPort: 20_002, port: 443, mode: 'http' });
  });

  it('are none of a direct service, nor of one for UDP', () => {
    const ports = [{ port: 80, handlers: ['http' as const] }];
    const { service } = trafficOf([
      { internalPort: 8080, ports },
      { internalPort: 53, protocol: 'udp', ports: [{ port: 53 }] },
    ]);
    expect(service?.metadata.annotations?.[routesAnnotation]).toBeUndefined();
  });

  it('are those of the ports alone that somebody has to do something for', () => {
    const ports = [
      { port: 80, handlers: ['http' as const] },
      { port: 443, handlers: ['tls' as const, 'http' as const] },
    ];
    const services = [{ internalPort: 8080, ports }];
    expect(readBack(services).map(({ port }) => port)).toEqual([443]);
    const { service, slices } = trafficOf(services);
    expect(service?.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['tcp-8080', 'gate-20001']);
    expect(service?.spec?.selector).toMatchObject({ 'airfield.dev/slot': 'blue' });
    expect(slices[0]?.ports?.map(({ name }) => name)).toEqual(['tcp-443']);
  });

  it('have the limits, the handlers and their options', () => {
    const options = {
      compress: true,
      h2Backend: true,
      idleTimeout: '90s',
      response: { pristine: true, headers: { 'x-a': ['1'] } },
    };
    const [route] = readBack([
      {
        internalPort: 8080,
        ports: [
          { port: 80, handlers: ['http', 'proxyProto'], httpOptions: options, proxyProtoOptions: { version: 'v2' } },
        ],
        concurrency: { type: 'requests', softLimit: 2, hardLimit: 5 },
      },
    ]);
    expect(route).toMatchObject({
      http: { compress: true, h2Backend: true, idleTimeout: '90s', pristine: true, responseHeaders: { 'x-a': ['1'] } },
      proxyProtocol: 'v2',
      concurrency: { type: 'requests', softLimit: 2, hardLimit: 5 },
    });
  });

  it('are raw TCP without the http handler', () => {
    expect(readBack([{ internalPort: 25, autoStop: 'stop', ports: [{ port: 25 }] }])[0]).toMatchObject({ mode: 'tcp' });
  });

  it('start nothing where requests may not, or where machines never stop', () => {
    const ports = [{ port: 80, handlers: ['http' as const] }];
    for (const service of [
      { internalPort: 8080, ports, autoStop: 'stop' as const, autoStart: false },
      { internalPort: 8080, ports, concurrency: { hardLimit: 5 } },
    ]) {
      expect(readBack([service])[0]).toMatchObject({ autoStart: false, wake: [] });
    }
  });

  it('start machines of the primary region first, and only of the groups that serve', () => {
    const [route] = readBack([{ ...web, processes: ['web'] }], {
      primaryRegion: 'iad',
      processes: [
        {
          name: 'web',
          regions: [
            { name: 'fra', count: 1 },
            { name: 'iad', count: 1 },
            { name: 'syd', count: 0 },
          ],
        },
        { name: 'worker' },
      ],
    });
    expect(route?.machines.processes).toEqual(['web']);
    expect(route?.wake.map(({ name }) => name)).toEqual([
      'hello-web',
      expect.stringMatching(/^hello-web-fra-[0-9a-f]+$/),
    ]);
  });
});

describe('the Service of a gated App', () => {
  it('leads its ports to those of the gates only, and selects no pod', () => {
    const { service } = trafficOf([web]);
    expect(
      service?.spec?.ports?.map(({ name, port, targetPort, appProtocol }) => [name, port, targetPort, appProtocol]),
    ).toEqual([
      ['tcp-80', 80, 'gate-20001', 'http'],
      ['tcp-443', 443, 'gate-20002', 'https'],
    ]);
    expect(service?.spec?.selector).toEqual({ 'airfield.dev/app': 'hello', 'airfield.dev/slot': 'gates' });
  });

  it('selects its machines for the sake of its direct ports', () => {
    const { service } = trafficOf([web, { internalPort: 9000, ports: [{ port: 9000 }] }]);
    expect(service?.spec?.selector).toMatchObject({ 'airfield.dev/slot': 'blue' });
    expect(service?.spec?.ports?.at(-3)?.targetPort ?? '').toBe('tcp-9000');
  });
});
