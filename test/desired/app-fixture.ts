import { type App, type AppSpecInput, appSpecSchema } from '../../src/api/app.ts';
import { appStatusSchema } from '../../src/api/app-status.ts';
import type { AnyChild } from '../../src/api/kubernetes.ts';
import { hashOf, type Release, releaseSpecOf } from '../../src/api/release.ts';
import { type AppObserved, appChildren } from '../../src/desired/app.ts';
import { routesOf } from '../../src/desired/routes.ts';
import type { Settings } from '../../src/desired/settings.ts';
import { type Workload, workloadsOf } from '../../src/desired/workloads.ts';
import type { ReleasePlan } from '../../src/release/plan.ts';

/** An App as the operator sees it: what people write, with the defaults filled in. */
export function anApp(spec: Partial<AppSpecInput> = {}, name = 'hello'): App {
  return {
    metadata: { name, namespace: 'acme', uid: '00000000-0000-0000-0000-000000000001', generation: 1 },
    spec: appSpecSchema.parse({ image: 'example.com/hello:1', ...spec }),
    status: appStatusSchema.parse({}),
  };
}

export const settings: Settings = {
  defaultRegion: 'local',
  regions: { mode: 'prefer', labels: {} },
  clusterDomain: 'cluster.local',
  dnsRewrite: false,
  podSecurity: 'baseline',
  ingressNamespaces: [],
  monitoringNamespaces: [],
  operatorNamespace: undefined,
  pauseImage: 'registry.k8s.io/pause:3.10',
  stopHook: 'amd64',
  podMonitors: false,
  canResize: true,
  gates: undefined,
  edge: undefined,
  rawPorts: 'none',
  drainSeconds: 5,
};

/** The first release of an App. */
export function aRelease(app: App, version = 1): Release {
  const spec = releaseSpecOf(app);
  return {
    version,
    hash: hashOf(spec),
    startedAt: '2026-01-01T00:00:00Z',
    spec,
    deploy: app.spec.deploy,
    scale: app.spec.processes ?? [],
    services: app.spec.services,
    mounts: app.spec.mounts,
    journal: { phase: 'complete', since: '2026-01-01T00:00:00Z', slot: 'blue' },
  };
}

/** The workloads of the first release of an App. */
export function theWorkloads(app: App): Workload[] {
  return workloadsOf(app, { release: aRelease(app), slot: 'blue', role: 'machines' });
}

/** The first workload of an App with this spec. */
export function aWorkload(spec: Partial<AppSpecInput> = {}): Workload {
  const [first] = theWorkloads(anApp(spec));
  if (!first) throw new Error('the App has no process group');
  return first;
}

/** What an App becomes whose first release is complete. */
export function aPlan(app: App, release = aRelease(app)): ReleasePlan {
  return {
    current: release,
    serving: release,
    releases: [release],
    workloads: workloadsOf(app, { release, slot: 'blue', role: 'machines' }),
    slot: 'blue',
    services: app.spec.services,
    command: 'remove',
    checks: { run: [], remove: [] },
    until: undefined,
  };
}

/** The children of an App whose first release is complete. */
export function childrenOf(app: App, observed: Partial<AppObserved> = {}, with_ = settings): AnyChild[] {
  const plan = aPlan(app);
  const nothing = {
    service: undefined,
    pods: [],
    machines: [],
    gates: [],
    gatePorts: new Map(),
    ahead: new Map(),
    owner: undefined,
    hosts: [],
  };
  const seen = { ...nothing, ...observed };
  const routes = routesOf({ app, ...plan, ...seen, settings: with_ });
  return appChildren(app, { ...plan, routes, values: [], command: undefined, checks: [] }, seen, with_);
}
