import type { Family, Labels } from '../exposition.ts';
import type { Load } from './load.ts';
import { appOfRoute } from './route-name.ts';
import { codes, mishaps, timeParts } from './traffic.ts';
import type { TargetTraffic } from './traffic-totals.ts';

/** What is true at the moment when it is asked for. */
export interface GateNow {
  readonly held: ReadonlyMap<string, number>;
  readonly load: Load;
  /** Since the gate began. */
  readonly traffic: readonly TargetTraffic[];
  /** Configurations that HAProxy has loaded since the gate began. */
  readonly loads: number;
  /** Whether HAProxy runs. */
  readonly isRunning: boolean;
  /** Routes that are served. */
  readonly routes: number;
  /** Problems that there are. */
  readonly problems: number;
}

/** All that is told by route or port; nothing of ones that have gone. */
export function routeMetrics({ held, load, traffic, loads, isRunning, routes, problems }: GateNow): Family[] {
  const gauge = (name: string, help: string, samples: Family['samples']): Family => ({
    name: `airfield_gate_${name}`,
    help,
    type: 'gauge',
    samples,
  });
  return [
    gauge(
      'held',
      'Requests and connections that wait for a machine',
      [...held].map(([route, number]) => [labelsOf(route), number]),
    ),
    gauge(
      'machine_load',
      'Requests or connections of a machine',
      load.machines.map(({ route, machine, current }) => [{ ...labelsOf(route), machine }, current]),
    ),
    gauge(
      'queued',
      'Requests or connections that wait for room on machines',
      load.routes.map(({ route, queued }) => [labelsOf(route), queued]),
    ),
    gauge('routes', 'Routes that are served', [[{}, routes]]),
    gauge('problems', 'Problems that there are now', [[{}, problems]]),
    gauge('haproxy_up', 'Whether HAProxy runs', [[{}, isRunning ? 1 : 0]]),
    {
      name: 'airfield_gate_reloads_total',
      help: 'Configurations that HAProxy has loaded',
      type: 'counter',
      samples: [[{}, loads]],
    },
    ...trafficMetrics(traffic),
  ];
}

/** By `port`: that which clients connect to; the lowest one of those that lead to the same machines in the same way. */
function trafficMetrics(all: readonly TargetTraffic[]): Family[] {
  const targets = all.map((one) => ({ ...one, labels: { namespace: one.namespace, app: one.app, port: one.port } }));
  type One = (typeof targets)[number];
  const counter = (name: string, help: string, samples: (one: One) => (readonly [Labels, number])[]): Family => ({
    name: `airfield_gate_${name}_total`,
    help,
    type: 'counter',
    samples: targets.flatMap(samples),
  });
  return [
    counter('requests', 'Requests that have been answered, by the class of the status', ({ mode, labels, traffic }) =>
      mode === 'http' ? codes.flatMap((code) => seen({ ...labels, code }, traffic[code], !rare.has(code))) : [],
    ),
    counter('connections', 'Connections that bytes were carried for', ({ mode, labels, traffic }) =>
      mode === 'tcp' ? [[labels, traffic.connections]] : [],
    ),
    counter('received_bytes', 'Bytes from clients', ({ labels, traffic }) => [[labels, traffic.received]]),
    counter('sent_bytes', 'Bytes to clients', ({ labels, traffic }) => [[labels, traffic.sent]]),
    counter('errors', 'What went wrong with machines and clients, by what it was', ({ labels, traffic }) =>
      mishaps.map((error) => [{ ...labels, error }, traffic[error]]),
    ),
    {
      name: 'airfield_gate_average_seconds',
      help: 'Time of requests or connections by its parts, on average over the last 1024',
      type: 'gauge',
      samples: targets.flatMap(({ mode, labels, times }) =>
        timeParts
          .filter((part) => times && (mode === 'http' || part !== 'response'))
          .map((part) => [{ ...labels, part }, times?.[part] ?? 0] as const),
      ),
    },
  ];
}

/** Classes that hardly any App has, and that nobody asks for where there are none. */
const rare: ReadonlySet<string> = new Set(['1xx', 'other']);

const seen = (labels: Labels, value: number, isAlways: boolean) =>
  isAlways || value > 0 ? [[labels, value] as const] : [];

const labelsOf = (route: string): Labels => ({ route, ...appOfRoute(route) });
