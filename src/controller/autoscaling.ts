import type { Config } from '../config.ts';
import { GateClient } from '../gate-client/gate-client.ts';
import type { Client } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/log.ts';
import type { Metrics } from '../metrics.ts';
import { Autoscaler, type AutoscalerOptions } from './autoscaler.ts';
import type { Caches } from './caches.ts';
import { GateLooks } from './gate-looks.ts';
import { MachineStarts } from './machine-starts.ts';
import { MachineStops } from './machine-stops.ts';
import { Suspensions } from './suspensions.ts';

export interface AutoscalingOptions extends Partial<Pick<AutoscalerOptions, 'clock'>> {
  readonly config: Pick<Config, 'gatesToken' | 'stopAfterSeconds'>;
  readonly client: Pick<Client, 'apply' | 'mergePatch'>;
  readonly caches: Pick<Caches, 'apps' | 'pods' | 'deployments' | 'statefulSets' | 'gates'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Where gates answer. Default: the port that they have. */
  readonly gatePort?: number;
}

/** The autoscaler with all that it needs. It does nothing until it is told of Apps. */
export function createAutoscaler(options: AutoscalingOptions): Autoscaler {
  const { config, caches, clock = systemClock, gatePort } = options;
  const ended = new AbortController();
  const token = config.gatesToken;
  const client = new GateClient({ token, ...(gatePort !== undefined && { port: gatePort }) });
  const common = { ...options, clock, signal: ended.signal, stopAfterMs: config.stopAfterSeconds * 1000 };
  const gates = new GateLooks({ ...common, client, pods: () => caches.gates?.store.list() ?? [] });
  const suspensions = new Suspensions(common);
  const starts = new MachineStarts({ ...common, suspensions });
  const stops = new MachineStops({ ...common, gates, suspensions, mayStop: token !== undefined });
  return new Autoscaler({ ...common, gates, starts, stops, suspensions, ended });
}
