import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { exposition, type Family } from './exposition.ts';

/** Bounds of the histograms, in seconds: a reconcile takes milliseconds, a release minutes. */
const seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

export type ReconcileResult = 'success' | 'requeue_after' | 'error' | 'terminal_error';
export const reconcileResults: readonly ReconcileResult[] = ['success', 'requeue_after', 'error', 'terminal_error'];

/** Every metric that there is. What controller-runtime has too has its name there, so that existing dashboards work. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Histogram({ name, help, labelNames, buckets: seconds, registers });
  // Every 10 ms, which is the default, takes 1 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const refreshers: (() => void)[] = [];
  const families: (() => Family[])[] = [];
  return {
    contentType: registry.contentType,
    /** Has a gauge set just before it is read, for values that change by themselves. */
    beforeScrape(refresh: () => void): void {
      refreshers.push(refresh);
    },
    /** Has metrics told that are made anew each time, and of which nothing is kept here. */
    tell(made: () => Family[]): void {
      families.push(made);
    },
    async text(): Promise<string> {
      for (const refresh of refreshers) refresh();
      return `${await registry.metrics()}\n${exposition(families.flatMap((made) => made()))}`;
    },
    reconciles: counter('controller_runtime_reconcile_total', 'Reconciles by outcome', ['controller', 'result']),
    reconcileErrors: counter('controller_runtime_reconcile_errors_total', 'Reconciles that failed', ['controller']),
    terminalErrors: counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Reconciles that trying again cannot mend',
      ['controller'],
    ),
    reconcileSeconds: histogram('controller_runtime_reconcile_time_seconds', 'Time of a reconcile', ['controller']),
    maxConcurrent: gauge('controller_runtime_max_concurrent_reconciles', 'Workers', ['controller']),
    activeWorkers: gauge('controller_runtime_active_workers', 'Workers at work', ['controller']),
    queueDepth: gauge('workqueue_depth', 'Keys that wait', ['name']),
    queueAdds: counter('workqueue_adds_total', 'Keys that were added', ['name']),
    queueRetries: counter('workqueue_retries_total', 'Keys that were added again after a failure', ['name']),
    queueSeconds: histogram('workqueue_queue_duration_seconds', 'Time that a key waits', ['name']),
    workSeconds: histogram('workqueue_work_duration_seconds', 'Time that a key is worked on', ['name']),
    unfinishedSeconds: gauge('workqueue_unfinished_work_seconds', 'Time of the work that is under way, added up', [
      'name',
    ]),
    longestSeconds: gauge('workqueue_longest_running_processor_seconds', 'Longest work that is under way', ['name']),
    requests: counter('rest_client_requests_total', 'Requests to the API server', ['code', 'method', 'host']),
    leader: gauge('leader_election_master_status', 'Whether this process leads', ['name']),
    leading: gauge('airfield_operator_leading', 'Whether this process leads: the one that tells of Apps'),
    childWrites: counter('airfield_child_writes_total', 'Writes to what Apps are made of', ['kind', 'operation']),
    autoscalerStarts: counter('airfield_autoscaler_starts_total', 'Machines started, by what for', ['reason']),
    autoscalerStops: counter('airfield_autoscaler_stops_total', 'Machines stopped, by what for', ['reason']),
    autoscalerSuspensions: counter('airfield_autoscaler_suspensions_total', 'Machines suspended, by what for', [
      'reason',
    ]),
    autoscalerResumes: counter('airfield_autoscaler_resumes_total', 'Machines resumed, by what for', ['reason']),
    autoscalerLooksFailed: counter('airfield_autoscaler_looks_failed_total', 'Gates that did not say their load'),
    autoscalerLookSeconds: histogram('airfield_autoscaler_look_seconds', 'Time until all gates have said their load'),
    informerRelists: gauge('airfield_informer_relists_total', 'Lists begun after the first', ['resource']),
    informerStale: gauge('airfield_informer_stale', 'Whether nothing was heard for too long', ['resource']),
    informerObjects: gauge('airfield_informer_objects', 'Objects in the cache', ['resource']),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
