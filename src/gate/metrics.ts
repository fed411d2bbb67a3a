import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { exposition } from '../exposition.ts';
import { type ColdStart, parts } from './cold-starts.ts';
import { type GateNow, routeMetrics } from './route-metrics.ts';
import { appOfRoute } from './route-name.ts';

/** From a machine that starts in milliseconds to one that takes minutes. */
const coldStartSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Every metric of a gate. `route` is `namespace.app.port of the gate`. */
export function createGateMetrics(now: () => Promise<GateNow>) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  // Every 10 ms, which is the default, takes 1 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const held = counter('airfield_gate_held_total', 'Requests and connections that have waited for a machine', [
    'route',
    'namespace',
    'app',
  ]);
  const coldStarts = counter('airfield_gate_cold_starts_total', 'Machines that requests have waited for', [
    'namespace',
    'app',
  ]);
  const coldStartsTook = counter(
    'airfield_gate_cold_start_seconds_total',
    'Time that the first request has waited for each of these machines, added up',
    ['namespace', 'app'],
  );
  const coldStart = new Histogram({
    name: 'airfield_cold_start_seconds',
    help: 'Time that requests wait for a machine that is started: its parts one after the other, and the total',
    labelNames: ['part'],
    buckets: coldStartSeconds,
    registers,
  });
  return {
    contentType: registry.contentType,
    problemsTold: counter('airfield_gate_problems_total', 'Problems that have begun'),
    wakes: counter('airfield_gate_wakes_total', 'Attempts to have a machine started, by outcome', ['outcome']),
    held: (route: string) => held.inc({ route, ...appOfRoute(route) }),
    requests: counter('rest_client_requests_total', 'Requests to the API server', ['code', 'method', 'host']),
    coldStarted(times: ColdStart): void {
      for (const part of [...parts, 'total'] as const) coldStart.observe({ part }, times[part] / 1000);
      coldStarts.inc(appOfRoute(times.route));
      coldStartsTook.inc(appOfRoute(times.route), times.total / 1000);
    },
    async text(): Promise<string> {
      return `${await registry.metrics()}\n${exposition(routeMetrics(await now()))}`;
    },
  };
}

export type GateMetrics = ReturnType<typeof createGateMetrics>;
