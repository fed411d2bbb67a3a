import { describe, expect, it } from 'vitest';
import { readRoutes } from '../../src/api/read-routes.ts';

const route = { namespace: 'acme', app: 'web', listenPort: 20_000, port: 80, internalPort: 8080, mode: 'http' };

const service = (text: string | undefined, labels: Record<string, string> = { 'airfield.dev/app': 'web' }) => ({
  metadata: {
    name: 'web',
    namespace: 'acme',
    labels,
    ...(text !== undefined && { annotations: { 'airfield.dev/routes': text } }),
  },
});
const read = (...routes: unknown[]) => readRoutes(service(JSON.stringify(routes)));
const place = 'Service acme/web: annotation airfield.dev/routes';

describe('the routes of a Service', () => {
  it('are none without the annotation', () => {
    expect(readRoutes(service(undefined))).toEqual({ routes: [], problems: [] });
  });

  it('come with their defaults, and with what is to be started', () => {
    const wake = [
      { kind: 'Deployment', name: 'web-app' },
      { kind: 'StatefulSet', name: 'web-db' },
    ];
    const { routes, problems } = read(route, { ...route, listenPort: 20_001, wake });
    expect(problems).toEqual([]);
    expect(routes).toMatchObject([
      { ...route, autoStart: true, wake: [] },
      { listenPort: 20_001, wake },
    ]);
  });

  it.each([
    ['another namespace', { namespace: 'other' }, '[0].namespace must be that of the Service'],
    ['another App', { app: 'other' }, "[0].app must be what the Service's label airfield.dev/app says, web"],
    ['a field that there is not', { listenport: 1 }, '[0]: Unrecognized key: "listenport"'],
    ['a port that there is not', { listenPort: 70_000 }, '[0].listenPort: Too big: expected number to be <=65535'],
    [
      'a workload of another kind',
      { wake: [{ kind: 'Job', name: 'x' }] },
      '[0].wake.0.kind: Invalid option: expected one of "Deployment"|"StatefulSet"',
    ],
    [
      'too many workloads',
      { wake: Array.from({ length: 65 }, () => ({ kind: 'Deployment', name: 'x' })) },
      '[0].wake: Too big: expected array to have <=64 items',
    ],
  ])('with %s are refused, and the others are not lost', (_, fields, problem) => {
    const { routes, problems } = read({ ...route, ...fields }, { ...route, listenPort: 20_001 });
    expect(problems).toEqual([place + problem]);
    expect(routes.map(({ listenPort }) => listenPort)).toEqual([20_001]);
  });

  it('are refused where the Service is of no App', () => {
    const { routes, problems } = readRoutes(service(JSON.stringify([route]), {}));
    expect(routes).toEqual([]);
    expect(problems).toEqual([
      `${place}[0].app must be what the Service's label airfield.dev/app says, which it has not`,
    ]);
  });

  it.each(['', '{', '{}', '"x"', 'null', '1'])('are refused as a whole where they are %j', (text) => {
    expect(readRoutes(service(text))).toEqual({ routes: [], problems: [`${place} must be a JSON list of routes`] });
  });

  it('may be anything at all', () => {
    const { routes, problems } = read(null, 1, 'x', [], { ...route, http: { responseHeaders: { 'a\nb': ['c'] } } });
    expect(routes).toEqual([]);
    expect(problems).toHaveLength(5);
    expect(problems.join('')).not.toContain('\n');
  });
});
