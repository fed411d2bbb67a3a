import type { App } from '../api/app.ts';
import type { PodMonitor } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { Metrics } from '../api/storage.ts';
import { appliesTo, groupsOf } from './groups.ts';
import { appLabels, appSelector } from './labels.ts';
import { schemeOf } from './metrics.ts';
import { metricsPortName } from './ports.ts';

/** How the Prometheus operator calls {@link label.process} of a pod before it has made a label of it. */
const processMeta = `__meta_kubernetes_pod_label_${label.process.replaceAll(/[^a-zA-Z0-9]/g, '_')}`;

/**
 * Tells the Prometheus operator about all metrics of an App, or undefined where it has none.
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export function podMonitor(app: App): PodMonitor | undefined {
  const { metadata, spec } = app;
  const groups = groupsOf(spec).map(({ name }) => name);
  const applying = (entry: Metrics) => groups.filter((group) => appliesTo(spec, entry, group));
  if (spec.metrics.length === 0) return undefined;
  const values = [...new Set(spec.metrics.flatMap(applying))].sort();
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: metadata.name, namespace: metadata.namespace, labels: appLabels(app) },
    spec: {
      selector: {
        matchLabels: appSelector(app),
        matchExpressions: [{ key: label.process, operator: 'In', values }],
      },
      jobLabel: label.app,
      podTargetLabels: [label.process, label.region, label.release],
      podMetricsEndpoints: spec.metrics.flatMap((entry) => endpoints(app, entry, applying(entry))),
    },
  };
}

/**
 * One endpoint for each name under which the groups publish the port. Another group may publish the same port and have no
 * metrics there, so the groups are named as well.
 */
function endpoints({ spec }: App, entry: Metrics, groups: string[]): object[] {
  const byPort = Map.groupBy(groups, (group) => metricsPortName(spec, group, entry.port));
  return [...byPort].map(([port, names]) => ({
    port,
    path: entry.path,
    scheme: schemeOf(entry),
    // Prometheus asks a pod by its address, which no certificate names.
    ...(entry.https && { tlsConfig: { insecureSkipVerify: true } }),
    relabelings: [{ action: 'keep', sourceLabels: [processMeta], regex: names.sort().join('|') }],
  }));
}
