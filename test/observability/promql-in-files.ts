import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const files = join(import.meta.dirname, '..', '..', 'charts', 'airfield', 'files');

export const rulesPath = join(files, 'rules.yaml');

interface Target {
  readonly expr: string;
}
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly collapsed?: boolean;
  readonly targets?: readonly Target[];
  readonly panels?: readonly Panel[];
}
export interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly Target[] };
}

export const dashboard = (): Dashboard => JSON.parse(readFileSync(join(files, 'dashboard.json'), 'utf8'));

export const allPanels = ({ panels }: Dashboard): Panel[] =>
  panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

/** Each query of the dashboard, as Grafana sends it for all Apps. */
export function dashboardQueries(): string[] {
  const board = dashboard();
  const queries = [...allPanels(board).flatMap(({ targets = [] }) => targets), ...board.annotations.list];
  return queries.map(({ expr }) =>
    expr.replaceAll(/\$(namespace|app)\b/g, '.*').replaceAll(/\$__(rate_interval|range)/g, '1m'),
  );
}

export function ruleQueries(): string[] {
  const { groups } = parse(readFileSync(rulesPath, 'utf8')) as { groups: { rules: Target[] }[] };
  return groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

/** Names of metrics in a query. No label begins with one of these words. */
export function metricNames(promql: string): string[] {
  const words =
    /\b(airfield|controller_runtime|workqueue|rest_client|leader_election|process|kubelet|container|kube)_\w+|\bALERTS\b/g;
  return [...new Set([...promql.matchAll(words)].map(([name]) => name))];
}
