import { label, manager, routesAnnotation } from '../../src/api/meta.ts';
import type { Route } from '../../src/api/route.ts';

/** A route of an App, as its JSON is written; what only the App knows is filled in. */
export type RouteOf = Pick<Route, 'listenPort' | 'port' | 'internalPort' | 'mode'> & Readonly<Record<string, unknown>>;

export interface GatedByHand {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly routes: readonly RouteOf[];
  /** Default: what hardly needs any room. */
  readonly resources?: object;
  /** Addresses of the gates; a route with a hard limit has only the first of them. */
  readonly gates: readonly string[];
  /** Default: none. */
  readonly replicas?: number;
}

/** What the operator makes of an App whose services are gated: the workload, the Service with routes, and its slices. */
export function gatedByHand(app: GatedByHand): object[] {
  return [deployment(app), service(app), ...app.routes.map((route) => slice(app, route))];
}

const meta = ({ namespace, name }: GatedByHand, own = name, more: object = {}) => ({
  namespace,
  name: own,
  labels: { [label.managedBy]: manager, [label.app]: name, ...more },
});

const portName = ({ port }: RouteOf) => `port-${port}`;

function deployment(app: GatedByHand): object {
  const { name, image, command, env = {}, replicas = 0, resources = { requests: { cpu: '20m' } } } = app;
  const workload = `${name}-app`;
  const matchLabels = { [label.app]: name, [label.workload]: workload };
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const id = { name: 'FLY_MACHINE_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
  const container = { name: 'app', image, ...(command && { command }), env: [id, ...variables], resources };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta(app, workload),
    spec: {
      replicas,
      selector: { matchLabels },
      template: {
        metadata: { labels: { ...matchLabels, [label.managedBy]: manager, [label.process]: 'app' } },
        spec: { enableServiceLinks: false, automountServiceAccountToken: false, containers: [container] },
      },
    },
  };
}

function service(app: GatedByHand): object {
  const { namespace, name } = app;
  const wake = [{ kind: 'Deployment', name: `${name}-app` }];
  const routes = app.routes.map((route) => ({ namespace, app: name, wake, ...route }));
  const ports = app.routes.map((route) => ({
    name: portName(route),
    port: route.port,
    targetPort: `gate-${route.listenPort}`,
  }));
  const annotations = { [routesAnnotation]: JSON.stringify(routes) };
  return { apiVersion: 'v1', kind: 'Service', metadata: { ...meta(app), annotations }, spec: { ports } };
}

function slice(app: GatedByHand, route: RouteOf): object {
  const gates = isLimited(route) ? app.gates.slice(0, 1) : app.gates;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta(app, `${app.name}-gate-${route.port}`, { 'kubernetes.io/service-name': app.name }),
    addressType: 'IPv4',
    ports: [{ name: portName(route), port: route.listenPort, protocol: 'TCP' }],
    endpoints: gates.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

const isLimited = ({ concurrency }: RouteOf) =>
  (concurrency as Partial<Route['concurrency']> | undefined)?.hardLimit !== undefined;
