import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { podMonitor } from '../../src/desired/pod-monitor.ts';
import { anApp } from './app-fixture.ts';

const processes = [{ name: 'app' }, { name: 'web' }, { name: 'worker' }];
const monitor = (spec: Partial<AppSpecInput>) => podMonitor(anApp(spec));

describe('the PodMonitor of an App', () => {
  it('is not there without metrics', () => {
    expect(monitor({})).toBeUndefined();
  });

  it('finds the machines of the groups that have metrics', () => {
    const metrics = [{ port: 9091, processes: ['worker', 'app'] }, { port: 9092 }];
    expect(monitor({ processes, metrics })).toMatchObject({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: { name: 'hello', namespace: 'acme' },
      spec: {
        selector: {
          matchLabels: { 'airfield.dev/app': 'hello' },
          matchExpressions: [{ key: 'airfield.dev/process', operator: 'In', values: ['app', 'worker'] }],
        },
      },
    });
  });

  it('has an endpoint for each of the metrics', () => {
    const metrics = [{ port: 9091 }, { port: 9443, path: '/internal', https: true }];
    expect(monitor({ metrics })?.spec.podMetricsEndpoints).toMatchObject([
      { port: 'metrics-9091', path: '/metrics', scheme: 'http' },
      { port: 'metrics-9443', path: '/internal', scheme: 'https', tlsConfig: { insecureSkipVerify: true } },
    ]);
  });

  it('asks only the groups that are named, also where another one publishes the same port', () => {
    const services = [{ internalPort: 8080, processes: ['app', 'web'] }];
    const metrics = [{ port: 8080, processes: ['worker', 'app'] }];
    const keep = (regex: string) => [
      { action: 'keep', sourceLabels: ['__meta_kubernetes_pod_label_airfield_dev_process'], regex },
    ];
    expect(monitor({ processes, services, metrics })?.spec.podMetricsEndpoints).toMatchObject([
      { port: 'tcp-8080', relabelings: keep('app') },
      { port: 'metrics-8080', relabelings: keep('worker') },
    ]);
  });
});
