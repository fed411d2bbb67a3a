import { apiVersion } from '../api/meta.ts';
import type { Resource } from '../kube/resources.ts';
import * as builtIn from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';

/** Where Airfield's own kinds live in the API. */
const own = (kind: string, plural: string): Resource => Object.freeze({ apiVersion, kind, plural, namespaced: true });
export const apps = own('App', 'apps');
export const machines = own('Machine', 'machines');
export const secrets = own('Secret', 'secrets');
export const schedules = own('Schedule', 'schedules');
export const ownKinds: readonly Resource[] = [apps, machines, secrets, schedules];

const children = [
  builtIn.deployments,
  builtIn.statefulSets,
  builtIn.controllerRevisions,
  builtIn.jobs,
  builtIn.cronJobs,
  builtIn.secrets,
  builtIn.configMaps,
  builtIn.podMonitors,
  builtIn.services,
  builtIn.networkPolicies,
  builtIn.endpointSlices,
  builtIn.podDisruptionBudgets,
  builtIn.ingresses,
  builtIn.httpRoutes,
];

/** Where an object of a kind of Airfield's lives in the API. */
export function ownResourceOf({ kind }: Pick<KubeObject, 'kind'>): Resource {
  const found = ownKinds.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`${kind} is not a kind of Airfield`);
  return found;
}

/** Where a child lives in the API. */
export function resourceOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Resource {
  const found = children.find((resource) => resource.kind === kind && resource.apiVersion === apiVersion);
  if (!found) throw new Error(`no child is of kind ${apiVersion} ${kind}: add it to src/controller/resources.ts`);
  return found;
}
