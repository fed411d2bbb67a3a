import { expect, it } from 'vitest';
import { routeSchema } from '../../src/api/route.ts';
import { drained, toldLoad } from '../../src/gate/told-load.ts';

const fields = { namespace: 'acme', app: 'web', listenPort: 20_000, port: 80, internalPort: 8080, mode: 'http' };
const load = {
  machines: [
    { route: 'acme.a.1', machine: 'm-1', current: 2, queued: 1, lastBeganSeconds: 9 },
    { route: 'acme.b.1', machine: 'm-1', current: 1, queued: 0, lastBeganSeconds: 4 },
    { route: 'other.a.1', machine: 'm-1', current: 50, queued: 50, lastBeganSeconds: 0 },
  ],
  routes: [{ route: 'acme.a.1', queued: 3 }],
};
const held = new Map([['acme.b.1', 5]]);
const isLeaving = (route: string) => route === 'acme.a.1';

it('the load of all routes is told, also where there is none', () => {
  const routes = new Map(['acme.a.1', 'acme.c.1'].map((name) => [name, routeSchema.parse(fields)]));
  const common = { namespace: 'acme', app: 'web', port: 80 };
  const machine = { machine: 'm-1', current: 2, queued: 1, lastBeganSeconds: 9, leaving: true };
  expect(toldLoad({ routes, backendOf: (name) => name, load, held, isLeaving })).toEqual([
    { route: 'acme.a.1', ...common, held: 0, queued: 3, machines: [machine] },
    { route: 'acme.c.1', ...common, held: 0, queued: 0, machines: [] },
  ]);
});

it('the machines of a backend that several routes share are told for all of them, and their load once', () => {
  const routes = new Map(['acme.a.1', 'acme.b.1', 'acme.c.1'].map((name) => [name, routeSchema.parse(fields)]));
  const told = toldLoad({ routes, backendOf: () => 'acme.a.1', load, held, isLeaving: () => true });
  const machine = { machine: 'm-1', leaving: true };
  // A process that ends has one of its own for b.
  expect(told.map(({ machines }) => machines)).toEqual([
    [{ ...machine, current: 2, queued: 1, lastBeganSeconds: 9 }],
    [{ ...machine, current: 1, queued: 0, lastBeganSeconds: 4 }],
    [{ ...machine, current: 0, queued: 0 }],
  ]);
});

it('what a machine that is drained still has to do is added up over the routes of its namespace', () => {
  const seen = { machine: 'm-1', namespace: 'acme', load, held };
  expect(drained({ ...seen, toIt: new Set(['acme.a.1', 'acme.b.1']), isLeaving })).toEqual({
    leaving: false,
    current: 3,
    queued: 1,
    held: 5,
    lastBeganSeconds: 4,
  });
  expect(drained({ ...seen, toIt: new Set(['acme.a.1']), isLeaving })).toMatchObject({ leaving: true, held: 0 });
  expect(drained({ ...seen, machine: 'gone', toIt: new Set(), isLeaving })).toEqual({
    leaving: true,
    current: 0,
    queued: 0,
    held: 0,
  });
});
