/** Where a kind lives in the API. Kept as data so that no discovery request is needed. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

const resource = (apiVersion: string, kind: string, plural: string, namespaced = true): Resource =>
  Object.freeze({ apiVersion, kind, plural, namespaced });

/** The built-in kinds Airfield reads or writes. */
export const namespaces = resource('v1', 'Namespace', 'namespaces', false);
export const nodes = resource('v1', 'Node', 'nodes', false);
export const pods = resource('v1', 'Pod', 'pods');
export const services = resource('v1', 'Service', 'services');
export const secrets = resource('v1', 'Secret', 'secrets');
export const configMaps = resource('v1', 'ConfigMap', 'configmaps');
export const deployments = resource('apps/v1', 'Deployment', 'deployments');
export const statefulSets = resource('apps/v1', 'StatefulSet', 'statefulsets');
export const persistentVolumeClaims = resource('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
/** Of the CSI snapshot controller: not every cluster has it. */
export const volumeSnapshots = resource('snapshot.storage.k8s.io/v1', 'VolumeSnapshot', 'volumesnapshots');
export const controllerRevisions = resource('apps/v1', 'ControllerRevision', 'controllerrevisions');
export const jobs = resource('batch/v1', 'Job', 'jobs');
export const cronJobs = resource('batch/v1', 'CronJob', 'cronjobs');
export const podMonitors = resource('monitoring.coreos.com/v1', 'PodMonitor', 'podmonitors');
export const endpointSlices = resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
export const networkPolicies = resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');
export const ingresses = resource('networking.k8s.io/v1', 'Ingress', 'ingresses');
/** Of the Gateway API: not every cluster has it. */
export const httpRoutes = resource('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes');
export const podDisruptionBudgets = resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const serviceAccounts = resource('v1', 'ServiceAccount', 'serviceaccounts');
export const roles = resource('rbac.authorization.k8s.io/v1', 'Role', 'roles');
export const roleBindings = resource('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings');
export const leases = resource('coordination.k8s.io/v1', 'Lease', 'leases');
export const events = resource('events.k8s.io/v1', 'Event', 'events');
export const customResourceDefinitions = resource(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
);

/** `/api/v1/namespaces/ns/pods/name`, or the collection where `ref.name` is absent. */
export function pathOf(resource: Resource, ref: { namespace?: string | undefined; name?: string } = {}): string {
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
  const scope = resource.namespaced && ref.namespace ? `/namespaces/${encodeURIComponent(ref.namespace)}` : '';
  const name = ref.name ? `/${encodeURIComponent(ref.name)}` : '';
  return `${root}${scope}/${resource.plural}${name}`;
}
