import type { App } from '../api/app.ts';
import { label, manager } from '../api/meta.ts';
import type { ProcessGroup } from '../api/process.ts';

/** Labels of everything that belongs to an App. */
export function appLabels(app: App): Record<string, string> {
  return {
    [label.name]: app.metadata.name,
    [label.instance]: app.metadata.name,
    [label.managedBy]: manager,
    [label.app]: app.metadata.name,
  };
}

/** Labels of what belongs to one process group of an App. */
export function groupLabels(app: App, group: Pick<ProcessGroup, 'name'>): Record<string, string> {
  return {
    ...appLabels(app),
    [label.component]: group.name,
    [label.process]: group.name,
    [label.network]: app.spec.network.name,
  };
}

/** What a workload selects its pods by. It can never change once the workload exists. */
export function groupSelector(app: App, group: Pick<ProcessGroup, 'name'>): Record<string, string> {
  return { [label.app]: app.metadata.name, [label.process]: group.name };
}

export function appSelector(app: App): Record<string, string> {
  return { [label.app]: app.metadata.name };
}
