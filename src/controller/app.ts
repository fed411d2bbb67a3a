import type { App } from '../api/app.ts';
import type { AppStatus } from '../api/app-status.ts';
import type { ObservedService } from '../api/kubernetes.ts';
import { readApp } from '../api/read-app.ts';
import { appChildren } from '../desired/app.ts';
import { machineChecks } from '../desired/checks.ts';
import { filesTooLarge } from '../desired/files.ts';
import { gatePolicy } from '../desired/gate-policy.ts';
import { feasible } from '../desired/gated.ts';
import type { HostClaims } from '../desired/hosts.ts';
import { publicServiceName } from '../desired/public-service.ts';
import { routeProblem, routesOf } from '../desired/routes.ts';
import type { Settings } from '../desired/settings.ts';
import type { Workload } from '../desired/workloads.ts';
import type { Client } from '../kube/client.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Key, KubeObject } from '../kube/types.ts';
import { rollbackProblem } from '../release/history.ts';
import { planOf, type ReleasePlan } from '../release/plan.ts';
import { type AppChildrenObserved, appStatus, failingStatus, stalledStatus } from '../status/app.ts';
import { missingRegions } from '../status/regions.ts';
import { servicesOfMachines } from './app-machines.ts';
import { type SecretsFound, secretsOfApp } from './app-secrets.ts';
import { ownedValues, valuesChanges } from './app-values.ts';
import type { Children } from './apply.ts';
import type { Autoscaler } from './autoscaler.ts';
import { type Caches, childrenOf, type StoredObject } from './caches.ts';
import { certificateProblems } from './certificates.ts';
import type { Checks } from './checks.ts';
import type { Reconcile } from './controller.ts';
import { Expectations } from './expectations.ts';
import { expiringStatus } from './expiry.ts';
import { openGates } from './gate-policies.ts';
import { GateTraffic } from './gate-traffic.ts';
import { hostsOf } from './hosts.ts';
import { clearTheWay } from './machines-in-the-way.ts';
import { routesAhead } from './reached-apps.ts';
import { isRefused } from './refused.ts';
import { asStored, type CachedReleases, cachedReleases, releaseChanges } from './releases.ts';
import { tendScales } from './scales.ts';
import type { SealingKeys } from './sealing-keys.ts';
import { Settling } from './settling.ts';
import type { StatusWriter } from './status-writer.ts';
import { TerminalError } from './terminal-error.ts';
import type { TlsSecrets } from './tls-secrets.ts';
import { tendVolumes } from './volumes.ts';

export interface AppControllerOptions {
  readonly client: Pick<Client, 'create' | 'mergePatch' | 'delete'>;
  readonly caches: Caches;
  readonly children: Children;
  readonly status: Pick<StatusWriter, 'isBehind' | 'write'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly checks: Pick<Checks, 'keep' | 'results'>;
  readonly autoscaler: Pick<Autoscaler, 'keep' | 'tend'>;
  readonly keys: Pick<SealingKeys, 'ring'>;
  readonly tlsSecrets: TlsSecrets;
  readonly settings: Settings;
  readonly now?: () => Date;
}

/** How soon to look again whether the cache has caught up; its change wakes the App as well. */
const catchUpMs = 50;

/** How soon to look again at a Secret that is being worked on; its change wakes the App as well. */
const lateMs = 1000;

/** Makes the children of an App what they should be, and its status what it is. */
export function appReconciler(options: AppControllerOptions): Reconcile {
  const { caches, events, checks, autoscaler, settings, now: clock = () => new Date() } = options;
  const expectations = new Expectations();
  const settling = new Settling();
  const gateTraffic = new GateTraffic(caches, settings);
  return async (key, { signal }) => {
    const stored = caches.apps.store.get(key);
    // What is being deleted is collected by Kubernetes, through the owner references.
    if (!stored || stored.metadata.deletionTimestamp) {
      settling.forget(key);
      gateTraffic.forget(key);
      autoscaler.keep(key, undefined);
      checks.keep(key, []);
      return openGates({ ...options, key, signal }, undefined, async () => undefined);
    }
    if (options.status.isBehind(stored)) return undefined;
    if (!expectations.areMet(key, caches.revisions.store)) return { requeueAfterMs: catchUpMs };
    const settlesInMs = settling.leftForChange(stored, caches);
    if (settlesInMs > 0) return { requeueAfterMs: settlesInMs };
    const read = readApp(stored);
    const now = clock();
    const status = expiringStatus(options.status, events, read.app, now);
    checks.keep(key, canAsk(settings) ? machineChecks(read.app.spec, caches.pods.store.byIndex('app', key)) : []);
    try {
      if ('problem' in read) throw new TerminalError('Unreadable', read.problem);
      const asked = read.app;
      const app = feasible(asked, settings);
      const work = { ...options, status, key, stored, app, asked, now, signal };
      return await reconcile({ ...work, expectations, settling, gateTraffic });
    } catch (error) {
      const failed = statusOfFailure(read.app, error, settings, now);
      if (failed) await status.write(stored, failed, signal);
      throw error;
    }
  };
}

interface Work extends Omit<AppControllerOptions, 'now' | 'status'> {
  readonly status: Pick<StatusWriter, 'write'>;
  readonly key: Key;
  readonly stored: StoredObject;
  /** As it can be followed: without gates nothing of it is gated. */
  readonly app: App;
  /** As it is written. */
  readonly asked: App;
  readonly now: Date;
  readonly expectations: Expectations;
  readonly gateTraffic: GateTraffic;
  readonly settling: Settling;
  readonly signal: AbortSignal;
}

async function reconcile(work: Work): ReturnType<Reconcile> {
  const { caches, status, settings, stored, app, asked, now, signal } = work;
  const releases = cachedReleases(stored, caches);
  refuse('NoSuchRelease', rollbackProblem(app, releases.releases));
  refuse('FilesTooLarge', filesTooLarge(app.spec));
  const secrets = await secretsOfApp(work, releases.releases);
  if (secrets === 'late') return { requeueAfterMs: lateMs };
  const { held, known } = secrets;
  if (held && releases.releases.length === 0) {
    await status.write(stored, failingStatus(asked, held, settings, now), signal);
    return undefined;
  }
  const plan = planOf(app, { ...releases, secrets: known?.secrets }, now);
  const settlesInMs = work.settling.leftFor(stored, plan, releases, caches);
  if (settlesInMs > 0) return { requeueAfterMs: settlesInMs };
  return follow(work, { plan, releases, known, held });
}

interface Decided extends SecretsFound {
  readonly plan: ReleasePlan;
  readonly releases: CachedReleases;
}

/** Makes the children what the plan says, and tells what there is. */
async function follow(work: Work, { plan, releases, known, held }: Decided): ReturnType<Reconcile> {
  const { caches, children, status, settings, stored, app, now, signal } = work;
  const changes = releaseChanges(plan, releases);
  const values = valuesChanges(app, plan, known, ownedValues(stored, caches));
  const owned = childrenOf(stored, caches);
  const domains = hostsOf(stored, caches.apps.store, settings.edge);
  const observed = {
    service: serviceOf(owned, app.metadata.name),
    hosts: domains.hosts,
    pods: releases.pods,
    machines: servicesOfMachines(work.key, caches),
    ahead: routesAhead(app, caches.services.store),
    ...work.gateTraffic.of(work.key, plan, owned, now),
  };
  const routes = routesOf({ app, ...plan, ...observed, settings });
  refuse('Unservable', routeProblem(routes));
  const { write: written, command, checks } = changes;
  const asPlanned = { ...plan, routes, values: values.write, releases: written, command, checks };
  const desired = appChildren(app, asPlanned, observed, settings);
  const current = [...values.current, ...changes.current, ...owned];
  const policy = gatePolicy(app, { ...plan, ...observed, routes }, settings);
  const applied = await openGates(work, policy, () => children.apply(stored, desired, current, signal));
  work.expectations.expect(
    work.key,
    applied.filter(({ kind }) => kind === 'ControllerRevision'),
  );
  work.autoscaler.keep(work.key, plan);
  await clearTheWay(plan.workloads, observed.pods, work);
  await tendScales(plan.workloads, applied, work);
  await work.autoscaler.tend(work.key, plan);
  const volumes = {
    claims: caches.claims.store.byIndex('app', work.key),
    snapshots: caches.snapshots?.store.byIndex('app', work.key),
  };
  const tended = await tendVolumes(app, volumes, work);
  const { outside, expiresAt } = await outsideOf(work, domains, applied);
  const of = { plan: asStored(plan, applied), pods: releases.pods, held, volumes: tended.problems, outside };
  await status.write(stored, statusOf(work, of, applied), signal);
  const msUntil = (time: Date | undefined) => time && Math.max(1, time.getTime() - now.getTime());
  const waits = [msUntil(plan.until), msUntil(expiresAt), tended.requeueAfterMs];
  const times = waits.filter((ms) => ms !== undefined);
  return times.length > 0 ? { requeueAfterMs: Math.min(...times) } : undefined;
}

/** How the App is reached from outside, and when the first of its certificates expires. */
async function outsideOf(work: Work, { hosts, problems }: HostClaims, applied: readonly KubeObject[]) {
  const { key, stored, app } = work;
  const certificates = await certificateProblems(key, stored, hosts, work, work);
  const outside = {
    hosts,
    problems: [...problems, ...certificates.problems],
    publicService: serviceOf(applied, publicServiceName(app.metadata.name)),
  };
  return { outside, expiresAt: certificates.expiresAt };
}

function statusOf(
  { key, asked, caches, checks, settings, now }: Work,
  of: Pick<AppChildrenObserved, 'plan' | 'pods' | 'held' | 'volumes' | 'outside'>,
  applied: readonly KubeObject[],
): AppStatus {
  const nodes = (caches.nodes?.store.list() ?? []).map(({ metadata }) => ({ labels: metadata.labels }));
  return appStatus(
    asked,
    {
      ...of,
      workloads: applied.filter(({ kind }) => workloadKinds.has(kind)),
      checks: canAsk(settings) ? checks.results(key) : undefined,
      service: serviceOf(applied, asked.metadata.name),
      settings,
      misplaced: missingRegions(of.plan.workloads, nodes, settings),
    },
    now,
  );
}

function refuse(reason: string, problem: string | undefined): void {
  if (problem) throw new TerminalError(reason, problem);
}

const workloadKinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'Job'] satisfies Workload['kind'][]);

const canAsk = ({ operatorNamespace }: Settings) => operatorNamespace !== undefined;

/** What to say of a failure; nothing of one that passes by itself, such as a conflict or a lost connection. */
function statusOfFailure(app: App, error: unknown, settings: Settings, now: Date): AppStatus | undefined {
  if (error instanceof TerminalError) return stalledStatus(app, error, settings, now);
  if (!isRefused(error)) return undefined;
  return failingStatus(app, { reason: 'ApplyFailed', message: (error as Error).message }, settings, now);
}

/** An App may have another Service beside that of its name. */
function serviceOf(children: readonly KubeObject[], name: string): ObservedService | undefined {
  return children.find(({ kind, metadata }) => kind === 'Service' && metadata.name === name) as
    | ObservedService
    | undefined;
}
