import type { App } from '../api/app.ts';
import { label, manager } from '../api/meta.ts';
import type { Slot } from '../api/release.ts';
import type { Workload } from './workloads.ts';

/** Labels of everything that belongs to an App. */
export function appLabels(app: Pick<App, 'metadata'>): Record<string, string> {
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
  const { release, slot } = workload;
  return {
    ...workloadOwnLabels(workload),
    [label.network]: release.spec.network.name,
    [label.release]: `${release.version}`,
    [label.slot]: slot,
  };
}

/**
 * What a workload selects its pods by. It can never change once the workload exists; that the name of the workload is
 * in it makes sure that no two workloads select the same pods.
 */
export function workloadSelector({ app, name }: Pick<Workload, 'app' | 'name'>): Record<string, string> {
  return { [label.app]: app.metadata.name, [label.workload]: name };
}

export function appSelector(app: Pick<App, 'metadata'>): Record<string, string> {
  return { [label.app]: app.metadata.name };
}

/** The machines that get the traffic of the App. */
export function servingSelector(app: Pick<App, 'metadata'>, slot: Slot): Record<string, string> {
  return { ...appSelector(app), [label.slot]: slot };
}
