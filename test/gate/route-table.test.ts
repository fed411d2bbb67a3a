import { describe, expect, it } from 'vitest';
import { routeTable } from '../../src/gate/route-table.ts';

const ports = { first: 20_000, last: 20_009 };

const service = (name: string, created: number, ...listenPorts: number[]) => {
  const routes = listenPorts.map((listenPort) => ({
    namespace: 'acme',
    app: name,
    listenPort,
    port: 80,
    internalPort: 8080,
    mode: 'http',
  }));
  return {
    metadata: {
      name,
      namespace: 'acme',
      creationTimestamp: `2026-01-01T00:00:0${created}Z`,
      labels: { 'airfield.dev/app': name },
      annotations: { 'airfield.dev/routes': JSON.stringify(routes) },
    },
  };
};

describe('the routes that a gate serves', () => {
  it('are those of all Services', () => {
    const { routes, problems } = routeTable([service('a', 1, 20_000), service('b', 2, 20_001, 20_002)], ports);
    expect(routes.map(({ app, listenPort }) => `${app} ${listenPort}`)).toEqual(['a 20000', 'b 20001', 'b 20002']);
    expect(problems).toEqual([]);
  });

  it('belong to the older Service where two want a port, in whatever order they are met', () => {
    const both = [service('younger', 2, 20_000), service('older', 1, 20_000)];
    for (const services of [both, both.toReversed()]) {
      const { routes, problems } = routeTable(services, ports);
      expect(routes.map(({ app }) => app)).toEqual(['older']);
      expect(problems).toEqual(['acme.younger.20000: listenPort is that of acme.older.20000: choose another one']);
    }
  });

  it('have ports of the gate', () => {
    const { routes, problems } = routeTable([service('a', 1, 19_999, 20_000, 20_009, 20_010)], ports);
    expect(routes.map(({ listenPort }) => listenPort)).toEqual([20_000, 20_009]);
    expect(problems).toEqual([
      'acme.a.19999: listenPort must be from 20000 to 20009',
      'acme.a.20010: listenPort must be from 20000 to 20009',
    ]);
  });
});
