import { apiVersion } from '../api/meta.ts';
import type { Resource } from '../kube/resources.ts';
import * as builtIn from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';

/** Where Airfield's own kinds live in the API. */
export const apps: Resource = Object.freeze({ apiVersion, kind: 'App', plural: 'apps', namespaced: true });

const children = [
  builtIn.deployments,
  builtIn.statefulSets,
  builtIn.controllerRevisions,
  builtIn.jobs,
  builtIn.configMaps,
  builtIn.podMonitors,
  builtIn.services,
  builtIn.networkPolicies,
  builtIn.endpointSlices,
  builtIn.podDisruptionBudgets,
];

/** Where a child lives in the API. */
export function resourceOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Resource {
  const found = children.find((resource) => resource.kind === kind && resource.apiVersion === apiVersion);
  if (!found) throw new Error(`no child is of kind ${apiVersion} ${kind}: add it to src/controller/resources.ts`);
  return found;
}
