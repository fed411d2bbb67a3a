import { createHash } from 'node:crypto';
import type { App } from '../api/app.ts';
import { label, manager } from '../api/meta.ts';
import type { ReleaseSpec, Slot } from '../api/release.ts';
import type { OwnMachine, Workload } from './workloads.ts';

/** Labels of everything that belongs to an App. */
export function appLabels(app: { readonly metadata: Pick<App['metadata'], 'name'> }): Record<string, string> {
  return {
    [label.name]: app.metadata.name,
    [label.instance]: app.metadata.name,
    [label.managedBy]: manager,
    [label.app]: app.metadata.name,
  };
}

/** Labels of what belongs to a workload and is the same for all its releases. */
export function workloadOwnLabels({ app, group, region, name }: Workload): Record<string, string> {
  return {
    ...appLabels(app),
    [label.component]: group.name,
    [label.process]: group.name,
    [label.workload]: name,
    ...(region && { [label.region]: region }),
  };
}

/** Labels of the machines of a workload, and of the workload itself. */
export function workloadLabels(workload: Workload): Record<string, string> {
  const { release, slot, own } = workload;
  return {
    ...workloadOwnLabels(workload),
    [label.network]: release.spec.network.name,
    ...(own ? ownLabels(own) : { [label.release]: `${release.version}`, [label.slot]: slot }),
    ...secretsLabel(release.spec),
  };
}

/** A Machine is in no slot, which is what the Service of the App selects, and goes from release to release. */
function ownLabels({ name, version, run }: OwnMachine): Record<string, string> {
  return { [label.machine]: name, [label.version]: version, [label.run]: `${run}` };
}

/** Labels of what a Machine has beside its pods. */
export function machineLabels(app: string, machine: string): Record<string, string> {
  return { ...appLabels({ metadata: { name: app } }), [label.machine]: machine };
}

/** Labels of volumes and their snapshots, of an App or of a Machine, which names its App. */
export function volumeLabels({
  metadata,
  spec,
}: {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly app?: string };
}): Record<string, string> {
  return spec.app === undefined ? appLabels({ metadata }) : machineLabels(spec.app, metadata.name);
}

/**
 * What a workload selects its pods by. It can never change once the workload exists; that the name of the workload is
 * in it makes sure that no two workloads select the same pods.
 */
export function workloadSelector({ app, name }: Pick<Workload, 'app' | 'name'>): Record<string, string> {
  return { [label.app]: app.metadata.name, [label.workload]: name };
}

/** Equal for releases whose secrets have the same values. */
export function secretsHash({ secrets }: Pick<ReleaseSpec, 'secrets'>): string {
  return createHash('sha256').update(JSON.stringify(secrets)).digest('hex').slice(0, 16);
}

/** Tells which values of secrets a pod has, so that these are kept as long as there is one. */
export function secretsLabel(spec: Pick<ReleaseSpec, 'secrets'>): Record<string, string> {
  return spec.secrets.length > 0 ? { [label.secrets]: secretsHash(spec) } : {};
}

export function appSelector(app: Pick<App, 'metadata'>): Record<string, string> {
  return { [label.app]: app.metadata.name };
}

/** The machines that get the traffic of the App. */
export function servingSelector(app: Pick<App, 'metadata'>, slot: Slot): Record<string, string> {
  return { ...appSelector(app), [label.slot]: slot };
}
