import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Route, routeSchema } from '../../src/api/route.ts';
import { backendNames } from '../../src/gate/backends.ts';

/** A route whose port of the gate is 20000 more than its own. */
const route = (port: number, fields: object = {}): Route =>
  routeSchema.parse({
    namespace: 'acme',
    app: 'web',
    port,
    listenPort: 20_000 + port,
    internalPort: 8080,
    mode: 'http',
    ...fields,
  });

const names = (...routes: Route[]) => [...backendNames(routes)].map(([, backend]) => backend);

it('ports of the same machines share the backend of the lowest one, in whatever order they come', () => {
  const routes = [route(80), route(443, { tls: {} }), route(8080)];
  const all = new Map(routes.map(({ port }) => [`acme.web.${20_000 + port}`, 'acme.web.20080']));
  fc.assert(
    fc.property(fc.shuffledSubarray(routes, { minLength: 3 }), (some) => {
      expect(backendNames(some)).toEqual(all);
    }),
  );
});

it.each([
  ['tls', { tls: { selfSigned: true } }],
  ['hosts', { hosts: ['a.example'] }],
  ['no port of its own', { listenPort: undefined, hosts: ['a.example'], tls: {} }],
  ['forceHttps', { http: { forceHttps: true } }],
  ['headersReadTimeout', { http: { headersReadTimeout: '5s' } }],
])('what a listener does is not shared: %s', (_, fields) => {
  expect(names(route(80), route(443, fields))).toEqual(['acme.web.20080', 'acme.web.20080']);
});

it.each([
  ['another namespace', { namespace: 'other' }],
  ['another App', { app: 'other' }],
  ['another port of the machines', { internalPort: 8081 }],
  ['bytes', { mode: 'tcp' }],
  ['other machines', { machines: { processes: ['worker'] } }],
  ['other limits', { concurrency: { hardLimit: 3 } }],
  ['another queue', { hold: { number: 3 } }],
  ['other workloads to wake', { wake: [{ kind: 'Deployment', name: 'web' }] }],
  ['no start', { autoStart: false }],
  ['the PROXY protocol', { proxyProtocol: 'v1' }],
  ['other http options', { http: { compress: true } }],
  ['other headers', { http: { responseHeaders: { 'X-A': ['1'] } } }],
])('a route with something else has a backend of its own: %s', (_, fields) => {
  const other = route(443, fields);
  expect(names(route(80), other)).toEqual(['acme.web.20080', `${other.namespace}.${other.app}.20443`]);
});

it('the order of headers does not matter', () => {
  const [a, b] = [{ 'X-A': ['1'] }, { 'X-B': ['2'] }];
  const [one, other] = [
    { ...a, ...b },
    { ...b, ...a },
  ].map((responseHeaders) => ({ http: { responseHeaders } }));
  expect(new Set(names(route(80, one), route(443, other))).size).toBe(1);
});
