import type { App } from '../api/app.ts';
import type { EndpointSlice, ObservedPod, Service } from '../api/kubernetes.ts';
import { label, placesPrefix } from '../api/meta.ts';
import { type HostAddress, hostSlices } from './host-slice.ts';
import { appLabels, machineLabels } from './labels.ts';
import { type MachineOfApp, processGroupOf, regionOf } from './machine-workload.ts';
import { childName } from './names.ts';
import { isReady } from './ready.ts';
import type { Settings } from './settings.ts';

/**
 * `<group>.process.<app>.internal` and `<region>.<app>.internal` have more labels than Kubernetes' DNS answers. A rewrite
 * of the cluster's CoreDNS, which the chart has, makes them into `process-<group>.internal--<app>` and
 * `region-<region>.internal--<app>`: host names under a headless Service of the App. The two labels stay apart, so that
 * hyphens in names mix nothing up, and no App can be called as such a Service.
 */
const longestLabel = 63;

type Place = { readonly group: string; readonly region: string };

/** The longest name of an App that has such names. */
export const longestNamedApp = longestLabel - placesPrefix.length;

/** Host names of what is in a process group, and in a region. */
export const groupHost = (group: string) => `process-${group}`;
export const regionHost = (region: string) => `region-${region}`;

/** Whether a name is short enough to be a label of DNS. */
export const isLabel = (host: string) => host.length <= longestLabel;

/** The Service of these names; undefined where the cluster's DNS has no rewrite, or the name of the App is too long. */
export function placesService(app: App, { dnsRewrite }: Pick<Settings, 'dnsRewrite'>): Service | undefined {
  const { name, namespace } = app.metadata;
  if (!dnsRewrite || name.length > longestNamedApp) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceOf(name), namespace, labels: appLabels(app) },
    spec: { type: 'ClusterIP', clusterIP: 'None' },
  };
}

/** The addresses of the machines of the App itself that are ready, by where they are. */
export function placesSlices(app: App, pods: readonly ObservedPod[], settings: Settings): EndpointSlice[] {
  if (!placesService(app, settings)) return [];
  const { name } = app.metadata;
  const hosts = pods.flatMap((pod) => {
    // What runs once for a release is in no group.
    const { [label.process]: group, [label.region]: region = settings.defaultRegion } = pod.metadata.labels ?? {};
    return group ? hostsOf(pod, { group, region }) : [];
  });
  const sorted = hosts.toSorted((a, b) => (`${a.hostname}/${a.address}` < `${b.hostname}/${b.address}` ? -1 : 1));
  return hostSlices(app, appLabels(app), serviceOf(name), sorted, (index) => childName(name, 'places', `${index}`));
}

/** The same of one of its Machines; none where that is left out of `.internal`. */
export function machinePlacesSlices(
  of: MachineOfApp,
  pods: readonly ObservedPod[],
  settings: Settings,
): EndpointSlice[] {
  const { machine, app } = of;
  const { metadata, spec } = machine;
  if (!placesService(app, settings) || spec.dns?.skipRegistration) return [];
  const place = { group: processGroupOf(machine), region: regionOf(of) ?? settings.defaultRegion };
  const hosts = pods.flatMap((pod) => hostsOf(pod, place));
  const name = childName(spec.app, 'machine', metadata.name, 'places');
  return hostSlices(machine, machineLabels(spec.app, metadata.name), serviceOf(spec.app), hosts, () => name);
}

function hostsOf(pod: ObservedPod, { group, region }: Place): HostAddress[] {
  const address = pod.status?.podIP;
  if (!address || !isReady(pod)) return [];
  return [groupHost(group), regionHost(region)].filter(isLabel).map((hostname) => ({ hostname, address }));
}

const serviceOf = (app: string) => `${placesPrefix}${app}`;
