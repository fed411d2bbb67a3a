import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildTimeoutMs, type Manifest, render } from '../chart/helm.ts';
import { dashboard, rulesPath } from './promql-in-files.ts';

let manifests: readonly Manifest[];
const of = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);

interface PodMonitorSpec {
  readonly selector: { readonly matchLabels: object };
  readonly podMetricsEndpoints: readonly { readonly port: string; readonly honorLabels: boolean }[];
}
interface DeploymentSpec {
  readonly selector: { readonly matchLabels: object };
  readonly template: {
    readonly spec: { readonly containers: readonly { readonly ports?: readonly { readonly name: string }[] }[] };
  };
}

beforeAll(async () => {
  manifests = await render('monitoring');
}, buildTimeoutMs);

it('the chart has Prometheus ask operators and gates on ports that they have, and keep the labels as they are told', () => {
  const deployments = of('Deployment').map(({ spec }) => spec as unknown as DeploymentSpec);
  const monitors = of('PodMonitor').map(({ spec }) => spec as unknown as PodMonitorSpec);
  expect(monitors).toHaveLength(2);
  for (const { selector, podMetricsEndpoints } of monitors) {
    const asked = deployments.find((one) => JSON.stringify(one.selector) === JSON.stringify(selector));
    const ports = asked?.template.spec.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
    for (const { port, honorLabels } of podMetricsEndpoints) {
      expect(ports).toContain(port);
      expect(honorLabels).toBe(true);
    }
  }
});

it('the chart has the rules and the dashboard as they are tested', () => {
  expect(of('PrometheusRule').map(({ spec }) => spec)).toEqual([parse(readFileSync(rulesPath, 'utf8'))]);
  const boards = of('ConfigMap').flatMap(({ data = {} }) => data['airfield.json'] ?? []);
  expect(boards.map((text) => JSON.parse(text))).toEqual([dashboard()]);
});

it('none of it is there unless it is asked for', async () => {
  const kinds = new Set((await render('defaults')).map(({ kind }) => kind));
  expect([...kinds].filter((kind) => /PodMonitor|PrometheusRule/.test(kind))).toEqual([]);
});
