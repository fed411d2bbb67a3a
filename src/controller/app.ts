import type { App } from '../api/app.ts';
import type { AppStatus } from '../api/app-status.ts';
import type { ObservedDeployment, ObservedService } from '../api/kubernetes.ts';
import { readApp } from '../api/read-app.ts';
import { appChildren } from '../desired/app.ts';
import { countOf, groupsOf } from '../desired/groups.ts';
import type { Settings } from '../desired/settings.ts';
import { isForbidden, isInvalid, isTerminating } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { type AppChildrenObserved, appStatus, failingStatus, stalledStatus } from '../status/app.ts';
import { whyNotRun } from '../status/unrealised.ts';
import type { Children } from './apply.ts';
import { type Caches, childrenOf } from './caches.ts';
import type { Reconcile } from './controller.ts';
import type { StatusWriter } from './status-writer.ts';
import { TerminalError } from './terminal-error.ts';

export interface AppControllerOptions {
  readonly caches: Caches;
  readonly children: Children;
  readonly status: StatusWriter;
  readonly settings: Settings;
  readonly now?: () => Date;
}

/** Makes the children of an App what they should be, and its status what it is. */
export function appReconciler({
  caches,
  children,
  status,
  settings,
  now = () => new Date(),
}: AppControllerOptions): Reconcile {
  return async (key, { signal }) => {
    const stored = caches.apps.store.get(key);
    // What is being deleted is collected by Kubernetes, through the owner references.
    if (!stored || stored.metadata.deletionTimestamp) return undefined;
    const read = readApp(stored);
    const { app } = read;
    try {
      if ('problem' in read) throw new TerminalError('Unreadable', read.problem);
      refuseToRunHalf(app);
      const current = childrenOf(stored, caches);
      const desired = appChildren(app, { service: find<ObservedService>(current, 'Service') }, settings);
      const applied = await children.apply(stored, desired, current, signal);
      await status.write(stored, appStatus(app, observe(app, applied), now()), signal);
    } catch (error) {
      const failed = statusOfFailure(app, error, now());
      if (failed) await status.write(stored, failed, signal);
      throw error;
    }
    return undefined;
  };

  function observe(app: App, applied: readonly KubeObject[]): AppChildrenObserved {
    return {
      groups: groupsOf(app.spec).map((group) => ({ name: group.name, count: countOf(app, group) })),
      deployments: applied.filter((child): child is KubeObject & ObservedDeployment => child.kind === 'Deployment'),
      pods: caches.pods.store.byIndex('app', `${app.metadata.namespace}/${app.metadata.name}`),
      service: find<ObservedService>(applied, 'Service'),
      clusterDomain: settings.clusterDomain,
    };
  }
}

/** What to say of a failure; nothing of one that passes by itself, such as a conflict or a lost connection. */
function statusOfFailure(app: App, error: unknown, now: Date): AppStatus | undefined {
  if (error instanceof TerminalError) return stalledStatus(app, error, now);
  if (!isRefused(error)) return undefined;
  return failingStatus(app, { reason: 'ApplyFailed', message: (error as Error).message }, now);
}

/** A quota, an admission policy or the API server itself does not take a child. */
const isRefused = (error: unknown) => isInvalid(error) || (isForbidden(error) && !isTerminating(error));

function refuseToRunHalf(app: App): void {
  const problem = whyNotRun(app);
  if (problem) throw new TerminalError('NotYetSupported', problem);
}

function find<T>(children: readonly KubeObject[], kind: string): (KubeObject & T) | undefined {
  return children.find((child) => child.kind === kind) as (KubeObject & T) | undefined;
}
