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

/** Labels of the machines of a workload, and of the workload itself. */
export function workloadLabels({ app, release, group, region, slot, name }: Workload): Record<string, string> {
  return {
    ...appLabels(app),
    [label.component]: group.name,
    [label.process]: group.name,
    [label.network]: release.spec.network.name,
    [label.release]: `${release.version}`,
    [label.slot]: slot,
    [label.workload]: name,
    ...(region && { [label.region]: region }),
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
