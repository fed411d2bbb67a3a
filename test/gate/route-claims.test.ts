import { describe, expect, it } from 'vitest';
import { type Route, routeSchema } from '../../src/api/route.ts';
import { withOwnClaims } from '../../src/gate/route-claims.ts';
import { routeName } from '../../src/gate/route-name.ts';

const route = (app: string, fields: object) =>
  routeSchema.parse({ namespace: 'acme', app, port: 80, internalPort: 8080, mode: 'http', ...fields });
const summary = (routes: readonly Route[]) => routes.map((one) => [routeName(one), ...one.hosts]);

describe('the name of a route', () => {
  it('is by its own port, or by its port at the edge', () => {
    const hosts = ['a.example'];
    expect(routeName(route('web', { listenPort: 20_000, hosts }))).toBe('acme.web.20000');
    expect(routeName(route('web', { hosts }))).toBe('acme.web.edge-80');
    expect(routeName(route('web', { hosts, port: 443, tls: {} }))).toBe('acme.web.edge-443');
  });
});

describe('what two routes want', () => {
  it('a host belongs to one App, on all of its ports', () => {
    const secure = { port: 443, tls: {} };
    const { served, problems } = withOwnClaims([
      route('a', { hosts: ['x.example'] }),
      route('a', { hosts: ['x.example'], ...secure }),
      route('b', { hosts: ['x.example', 'y.example'], listenPort: 20_000, ...secure }),
      route('c', { hosts: ['x.example'], listenPort: 20_001, port: 5432, mode: 'tcp', tls: {} }),
      route('d', { hosts: ['x.example'] }),
    ]);
    expect(summary(served)).toEqual([
      ['acme.a.edge-80', 'x.example'],
      ['acme.a.edge-443', 'x.example'],
      ['acme.b.20000', 'y.example'],
      ['acme.c.20001'],
    ]);
    expect(problems).toEqual(
      ['b.20000', 'c.20001', 'd.edge-80'].map(
        (name) => `acme.${name}: the host x.example is that of acme.a.edge-80: choose another one`,
      ),
    );
  });

  it('a host at a port of the edge belongs to one route', () => {
    const hosts = ['x.example'];
    const { served, problems } = withOwnClaims([
      route('a', { hosts, listenPort: 20_000 }),
      route('a', { hosts, listenPort: 20_001 }),
      route('a', { hosts, listenPort: 20_002, port: 8080 }),
    ]);
    expect(summary(served)).toEqual([['acme.a.20000', 'x.example'], ['acme.a.20001'], ['acme.a.20002', 'x.example']]);
    expect(problems).toEqual(['acme.a.20001: the host x.example is that of acme.a.20000: choose another one']);
  });

  it('a name at the edge belongs to one route', () => {
    const { served, problems } = withOwnClaims([
      route('a', { hosts: ['x.example'] }),
      route('a', { hosts: ['y.example'] }),
    ]);
    expect(summary(served)).toEqual([['acme.a.edge-80', 'x.example']]);
    expect(problems).toEqual(['acme.a.edge-80: there is already acme.a.edge-80: choose another one']);
  });

  it('a host that is named twice counts once, and one with `*.` is another one', () => {
    const { served, problems } = withOwnClaims([
      route('a', { hosts: ['*.example', '*.example'] }),
      route('b', { hosts: ['x.example'] }),
    ]);
    expect([summary(served), problems]).toEqual([
      [
        ['acme.a.edge-80', '*.example'],
        ['acme.b.edge-80', 'x.example'],
      ],
      [],
    ]);
  });
});
