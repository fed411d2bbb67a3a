import type { App } from '../api/app.ts';
import type { AnyChild, CoreSecret, ObservedPod, ObservedService } from '../api/kubernetes.ts';
import type { MachineService } from '../api/machine.ts';
import type { Release, Slot } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import { deployment } from './deployment.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { fileConfigMap } from './files.ts';
import { flycastSlice } from './flycast.ts';
import { gateSlices } from './gate-slice.ts';
import type { GatePorts } from './gate-targets.ts';
import type { AppHost } from './hosts.ts';
import { httpRoutes } from './http-route.ts';
import { ingress } from './ingress.ts';
import { internalSlice } from './internal-slice.ts';
import { machineJob } from './job.ts';
import { type MachineCheckRun, machineCheck } from './machine-check.ts';
import { networkPolicy } from './network-policy.ts';
import { placesService, placesSlices } from './place-names.ts';
import { podMonitor } from './pod-monitor.ts';
import { publicService } from './public-service.ts';
import type { RoutesAhead } from './reached.ts';
import { releaseCommand } from './release-command.ts';
import { revision } from './revision.ts';
import type { WrittenRoute } from './routes.ts';
import { appService } from './service.ts';
import type { Settings } from './settings.ts';
import { statefulSet } from './stateful-set.ts';
import type { Workload } from './workloads.ts';

/** What there should be of an App's releases at the moment. */
export interface AppPlan {
  /** The releases whose ControllerRevisions are to be written. */
  readonly releases: readonly Release[];
  /** The values of secrets that are to be there for the machines. */
  readonly values: readonly CoreSecret[];
  /** The release whose command is to run. */
  readonly command: Release | undefined;
  /** The checks of new machines that are to run. */
  readonly checks: readonly MachineCheckRun[];
  readonly workloads: readonly Workload[];
  /** Where traffic goes, and through which ports. */
  readonly slot: Slot;
  readonly services: readonly AppService[];
  /** How gates serve them. */
  readonly routes: readonly WrittenRoute[];
}

/** What children look like at the moment, where one child depends on what the cluster made of another. */
export interface AppObserved {
  /** The App's Service, once it has an address. */
  readonly service: ObservedService | undefined;
  readonly pods: readonly ObservedPod[];
  /** What the Machines of the App serve. */
  readonly machines: readonly MachineService[];
  /** Pods of the gates that take traffic. */
  readonly gates: readonly ObservedPod[];
  /** The ports of the gates that the gated ports of the App's Service have. */
  readonly gatePorts: GatePorts;
  /** Name of the gate that has all traffic of the App at the moment, where only one has it. */
  readonly owner: string | undefined;
  /** Through gates, of the Apps that this one may connect to. */
  readonly ahead: RoutesAhead;
  /** Under which the App is served from outside. */
  readonly hosts: readonly AppHost[];
}

/**
 * Everything that an App becomes, in the order in which it is applied: what is decided is written down before anything is
 * done about it, the door is locked before there is anybody behind it, and machines come last.
 */
export function appChildren(app: App, plan: AppPlan, observed: AppObserved, settings: Settings): AnyChild[] {
  const { hosts } = observed;
  const gated = { ports: observed.gatePorts, routes: plan.routes };
  const service = appService(app, plan.services, plan.slot, observed.machines, gated);
  const { edge, rawPorts } = settings;
  const way = { gatePorts: observed.gatePorts, edge };
  const toPublic = rawPorts === 'none' ? undefined : publicService(app, plan.services, plan.slot, way);
  return present([
    // Before the release that has them: once that is written down they may not be had any more.
    ...plan.values,
    ...plan.releases.map((release) => revision(app, release)),
    networkPolicy(app, settings, { inTraffic: plan.services, machines: observed.machines, ahead: observed.ahead }),
    service,
    toPublic,
    service && flycastSlice(app, observed.service),
    ...gateSlices(app, plan.routes, observed, [service, toPublic]),
    ingress(app, hosts, service, edge),
    ...httpRoutes(app, hosts, service, edge),
    internalSlice(app, observed.pods),
    placesService(app, settings),
    ...placesSlices(app, observed.pods, settings),
    settings.podMonitors ? podMonitor(app) : undefined,
    ...filesOf(app, plan),
    plan.command && releaseCommand(app, plan.command, settings),
    ...plan.checks.map((check) => machineCheck(check, settings)),
    ...plan.workloads.flatMap((workload) => [machines(workload, settings), disruptionBudget(workload)]),
  ]);
}

function machines(workload: Workload, settings: Settings): AnyChild | undefined {
  const { kind } = workload;
  if (kind === 'Job') return machineJob(workload, settings);
  return kind === 'StatefulSet' ? statefulSet(workload, settings) : deployment(workload, settings);
}

/** The contents of files of all releases that something runs of; those that are the same are one. */
function filesOf(app: App, { workloads, command }: AppPlan): AnyChild[] {
  const releases = new Set([...workloads.map(({ release }) => release), ...(command ? [command] : [])]);
  const contents = [...releases].map((release) => fileConfigMap(app, release)).filter((child) => child !== undefined);
  return [...new Map(contents.map((child) => [child.metadata.name, child])).values()];
}

function present<T>(children: readonly (T | undefined)[]): T[] {
  return children.filter((child) => child !== undefined);
}
