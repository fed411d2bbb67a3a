import { expect, it } from 'vitest';
import { routeSchema } from '../../src/api/route.ts';
import { drained, toldLoad } from '../../src/gate/told-load.ts';

const fields = { namespace: 'acme', app: 'web', listenPort: 20_000, port: 80, internalPort: 8080, mode: 'http' };
const load = {
  machines: [
    { route: 'a', machine: 'm-1', current: 2, queued: 1, lastBeganSeconds: 9 },
    { route: 'b', machine: 'm-1', current: 1, queued: 0, lastBeganSeconds: 4 },
    { route: 'other', machine: 'm-1', current: 50, queued: 50, lastBeganSeconds: 0 },
  ],
  routes: [{ route: 'a', queued: 3 }],
};
const held = new Map([['b', 5]]);
const isLeaving = (route: string) => route === 'a';

it('the load of all routes is told, also where there is none', () => {
  const routes = new Map(['a', 'c'].map((name) => [name, routeSchema.parse(fields)]));
  const common = { namespace: 'acme', app: 'web', port: 80 };
  const machine = { machine: 'm-1', current: 2, queued: 1, lastBeganSeconds: 9, leaving: true };
  expect(toldLoad({ routes, load, held, isLeaving })).toEqual([
    { route: 'a', ...common, held: 0, queued: 3, machines: [machine] },
    { route: 'c', ...common, held: 0, queued: 0, machines: [] },
  ]);
});

it('what a machine that is drained still has to do is added up over the routes of its namespace', () => {
  const seen = { machine: 'm-1', inNamespace: new Set(['a', 'b']), load, held };
  expect(drained({ ...seen, toIt: new Set(['a', 'b']), isLeaving })).toEqual({
    leaving: false,
    current: 3,
    queued: 1,
    held: 5,
    lastBeganSeconds: 4,
  });
  expect(drained({ ...seen, toIt: new Set(['a']), isLeaving })).toMatchObject({ leaving: true, held: 0 });
  expect(drained({ ...seen, machine: 'gone', toIt: new Set(), isLeaving })).toEqual({
    leaving: true,
    current: 0,
    queued: 0,
    held: 0,
  });
});
