import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type ColdStart, parts } from './cold-starts.ts';
import type { Load } from './load.ts';

/** What is true at the moment when it is asked for. */
export interface GateNow {
  readonly held: ReadonlyMap<string, number>;
  readonly load: Load;
  /** Configurations that HAProxy has loaded since the gate began. */
  readonly loads: number;
  /** Routes that are served. */
  readonly routes: number;
  /** Problems that there are. */
  readonly problems: number;
}

/** From a machine that starts in milliseconds to one that takes minutes. */
const coldStartSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Every metric of a gate. `route` is `namespace.app.port of the gate`. */
export function createGateMetrics(now: () => Promise<GateNow>) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const held = gauge('airfield_gate_held', 'Requests and connections that wait for a machine', ['route']);
  const current = gauge('airfield_gate_machine_load', 'Requests or connections of a machine', ['route', 'machine']);
  const queued = gauge('airfield_gate_queued', 'Requests or connections that wait for room on machines', ['route']);
  const routes = gauge('airfield_gate_routes', 'Routes that are served');
  const problems = gauge('airfield_gate_problems', 'Problems that there are now');
  const reloads = counter('airfield_gate_reloads_total', 'Configurations that HAProxy has loaded');
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
    held: counter('airfield_gate_held_total', 'Requests and connections that have waited for a machine', ['route']),
    requests: counter('rest_client_requests_total', 'Requests to the API server', ['code', 'method', 'host']),
    coldStarted(times: ColdStart): void {
      for (const part of [...parts, 'total'] as const) coldStart.observe({ part }, times[part] / 1000);
    },
    async text(): Promise<string> {
      const is = await now();
      for (const changing of [held, current, queued, reloads]) changing.reset();
      for (const [route, number] of is.held) held.set({ route }, number);
      for (const { route, machine, current: number } of is.load.machines) current.set({ route, machine }, number);
      for (const { route, queued: number } of is.load.routes) queued.set({ route }, number);
      routes.set(is.routes);
      problems.set(is.problems);
      reloads.inc(is.loads);
      return registry.metrics();
    },
  };
}

export type GateMetrics = ReturnType<typeof createGateMetrics>;
