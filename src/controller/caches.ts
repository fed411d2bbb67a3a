import type {
  AnyChild,
  ObservedClaim,
  ObservedCoreSecret,
  ObservedCronJob,
  ObservedJob,
  ObservedPod,
  ObservedRevision,
  ObservedService,
  ObservedWorkload,
} from '../api/kubernetes.ts';
import { gateLabels, label, manager } from '../api/meta.ts';
import type { ObservedSnapshot } from '../api/volume.ts';
import type { Edge, GatesSettings } from '../desired/settings.ts';
import type { Client } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import type { Log } from '../kube/log.ts';
import type { Resource } from '../kube/resources.ts';
import * as resources from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { appOfCopy, sourceOfCopy } from './certificate-index.ts';
import { appOfPolicy } from './gate-policies.ts';
import { gatePortsIn } from './gate-ports.ts';
import { namedCertificates, wantedHosts } from './hosts.ts';
import { reachableAs, reaches } from './reached-apps.ts';
import { apps, machines, schedules, secrets } from './resources.ts';
import { namedApps, namedSources, slimSource, valuesUsed } from './secret-index.ts';
import { slimClaim, slimNode, slimPod } from './slim.ts';

/** An object of a kind of Airfield's as it is stored: anything may be missing until it has been read. */
export interface StoredObject extends KubeObject {
  spec?: unknown;
  status?: unknown;
}

/** What the operator watches. Of built-in kinds only what Airfield made, so that memory grows with Apps alone. */
export type Caches = ReturnType<typeof createCaches>;

export interface CacheOptions {
  readonly client: Client;
  readonly namespace?: string | undefined;
  readonly log: Log;
  /** Kinds that not every cluster has, and which of them this one has. */
  readonly optional?: readonly Resource[];
  /** Where gates are; undefined: there are none. */
  readonly gates?: GatesSettings | undefined;
  /** Who serves hosts of Apps; undefined: nobody. */
  readonly edge?: Edge | undefined;
}

export function createCaches({ optional = [], gates, edge, ...options }: CacheOptions) {
  const ours = { ...options, labelSelector: `${label.managedBy}=${manager}`, indexes: { owner: ownerUids } };
  const owned = (resource: Resource) => new Informer<AnyChild & KubeObject>({ ...ours, resource });
  const copies = (namespace: string) =>
    new Informer<ObservedCoreSecret & KubeObject>({
      client: options.client,
      log: options.log,
      namespace,
      resource: resources.secrets,
      labelSelector: `${ours.labelSelector},${label.certificate}`,
      indexes: { app: appOfCopy(options.namespace), source: sourceOfCopy },
    });
  const running = { ...ours, indexes: { ...ours.indexes, values: valuesUsed } };
  return {
    apps: new Informer<StoredObject>({
      ...options,
      resource: apps,
      indexes: { namespace: inNamespace, host: wantedHosts(edge), certificate: namedCertificates, reaches },
    }),
    machines: new Informer<StoredObject>({ ...options, resource: machines, indexes: { app: namedApp } }),
    schedules: new Informer<StoredObject>({ ...options, resource: schedules, indexes: { app: namedApp } }),
    secrets: new Informer<StoredObject>({
      ...options,
      resource: secrets,
      indexes: { app: namedApps, source: namedSources },
    }),
    // With their values: these are compared at every look, and one that was changed by hand has to be noticed.
    coreSecrets: new Informer<ObservedCoreSecret & KubeObject>({
      ...ours,
      labelSelector: `${ours.labelSelector},!${label.certificate}`,
      resource: resources.secrets,
      indexes: { ...ours.indexes, app: ofApp },
    }),
    // Those of others may be many and large (Helm keeps its releases in them): only that they change is watched, and what
    // a Secret refers to is read when it has.
    sources: new Informer<KubeObject>({
      ...options,
      resource: resources.secrets,
      labelSelector: `${label.managedBy}!=${manager}`,
      metadataOnly: true,
      transform: slimSource,
    }),
    services: new Informer<ObservedService & KubeObject>({
      ...ours,
      resource: resources.services,
      indexes: { ...ours.indexes, gatePort: gatePortsIn, reachable: reachableAs },
    }),
    pods: new Informer<ObservedPod & KubeObject>({
      ...ours,
      resource: resources.pods,
      indexes: {
        app: ofApp,
        machine: labelledWith(label.machine),
        schedule: labelledWith(label.schedule),
        node: onNode,
        values: valuesUsed,
      },
      transform: slimPod,
    }),
    revisions: new Informer<ObservedRevision & KubeObject>({
      ...ours,
      // Those of StatefulSets have their pods' labels.
      labelSelector: `${ours.labelSelector},${label.revision}`,
      resource: resources.controllerRevisions,
      indexes: { app: ofApp },
    }),
    deployments: new Informer<ObservedWorkload & KubeObject>({ ...running, resource: resources.deployments }),
    statefulSets: new Informer<ObservedWorkload & KubeObject>({ ...running, resource: resources.statefulSets }),
    jobs: new Informer<ObservedJob & KubeObject>({ ...running, resource: resources.jobs }),
    // Never among the children: what is not desired there is deleted, and these hold data.
    claims: new Informer<ObservedClaim & KubeObject>({
      ...ours,
      resource: resources.persistentVolumeClaims,
      indexes: { app: ofApp, machine: labelledWith(label.machine) },
      transform: slimClaim,
    }),
    ...(optional.includes(resources.volumeSnapshots) && {
      snapshots: new Informer<ObservedSnapshot & KubeObject>({
        ...ours,
        resource: resources.volumeSnapshots,
        indexes: { app: ofApp, machine: labelledWith(label.machine) },
      }),
    }),
    cronJobs: new Informer<ObservedCronJob & KubeObject>({ ...running, resource: resources.cronJobs }),
    ...(gates && {
      gates: new Informer<ObservedPod & KubeObject>({
        client: options.client,
        log: options.log,
        namespace: gates.namespace,
        resource: resources.pods,
        labelSelector: Object.entries(gateLabels)
          .map((pair) => pair.join('='))
          .join(','),
        transform: slimPod,
      }),
    }),
    ...(gates && { certificates: copies(gates.certificates) }),
    // Those of before gates had a namespace for certificates alone: they are taken away.
    ...(gates && gates.certificates !== gates.namespace && { formerCertificates: copies(gates.namespace) }),
    networkPolicies: new Informer<AnyChild & KubeObject>({
      ...ours,
      labelSelector: `${ours.labelSelector},!${label.gatePolicy}`,
      resource: resources.networkPolicies,
    }),
    // Also where none are asked for, so that those which were are taken away.
    ...(gates && {
      gatePolicies: new Informer<AnyChild & KubeObject>({
        client: options.client,
        log: options.log,
        namespace: gates.namespace,
        resource: resources.networkPolicies,
        labelSelector: `${ours.labelSelector},${label.gatePolicy}`,
        indexes: { app: appOfPolicy(options.namespace) },
      }),
    }),
    endpointSlices: owned(resources.endpointSlices),
    configMaps: owned(resources.configMaps),
    disruptionBudgets: owned(resources.podDisruptionBudgets),
    // Also where there is no such edge, so that those of one that was are taken away.
    ingresses: owned(resources.ingresses),
    ...(optional.includes(resources.httpRoutes) && { httpRoutes: owned(resources.httpRoutes) }),
    ...(optional.includes(resources.podMonitors) && { podMonitors: owned(resources.podMonitors) }),
    ...(optional.includes(resources.nodes) && {
      nodes: new Informer<KubeObject>({
        client: options.client,
        log: options.log,
        resource: resources.nodes,
        transform: slimNode,
      }),
    }),
  };
}

/** `namespace/name` of the object of that kind that a child belongs to. */
export function ownerKey({ metadata }: KubeObject, of = 'App'): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === of);
  return owner && `${metadata.namespace}/${owner.name}`;
}

/** Key of the object that something is labelled with: of its App, where no other label is named. */
export function labelledKey({ metadata }: KubeObject, by: string = label.app): string | undefined {
  const name = metadata.labels?.[by];
  return name && `${metadata.namespace}/${name}`;
}

const ownerUids = ({ metadata }: KubeObject) => (metadata.ownerReferences ?? []).map(({ uid }) => uid);
const inNamespace = ({ metadata }: KubeObject) => [metadata.namespace ?? ''];
const onNode = ({ spec }: ObservedPod) => (spec?.nodeName ? [spec.nodeName] : []);
/** The machines of an App itself: those of its Machines and the runs of its Schedules have a life of their own. */
const ofApp = (object: KubeObject) => {
  const { labels = {} } = object.metadata;
  return labels[label.machine] || labels[label.schedule] ? [] : [labelledKey(object) ?? ''];
};
/** Key of the object of which the label has the name. */
const labelledWith =
  (name: string) =>
  ({ metadata }: KubeObject) => {
    const value = metadata.labels?.[name];
    return value ? [`${metadata.namespace}/${value}`] : [];
  };
/** Key of the App that a Machine or a Schedule names. */
const namedApp = ({ metadata, spec }: StoredObject) => [
  `${metadata.namespace}/${(spec as { app?: string } | undefined)?.app}`,
];

/** The Jobs of an App that run something for a release, by `role`; without one those that are machines. */
export function jobsOf({ metadata }: KubeObject, caches: Caches, role?: string): (ObservedJob & KubeObject)[] {
  const all = caches.jobs.store.byIndex('owner', metadata.uid ?? '');
  return all.filter((job) => job.metadata.labels?.[label.role] === role);
}

/** What an App owns, but for its releases and what runs for them, which have a life of their own. */
export function childrenOf(owner: KubeObject, caches: Caches): KubeObject[] {
  const uid = owner.metadata.uid ?? '';
  const { podMonitors, httpRoutes } = caches;
  const informers = [
    caches.networkPolicies,
    caches.services,
    caches.endpointSlices,
    caches.ingresses,
    caches.configMaps,
    caches.deployments,
    caches.statefulSets,
    caches.disruptionBudgets,
  ];
  const all = [...informers, ...(httpRoutes ? [httpRoutes] : []), ...(podMonitors ? [podMonitors] : [])];
  return [...all.flatMap(({ store }) => store.byIndex('owner', uid) as KubeObject[]), ...jobsOf(owner, caches)];
}
