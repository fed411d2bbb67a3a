import type { App } from '../api/app.ts';
import type { CoreSecret } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { secretsHash } from '../desired/labels.ts';
import { secretValues } from '../desired/secret-values.ts';
import type { KubeObject } from '../kube/types.ts';
import type { ReleasePlan } from '../release/plan.ts';
import { secretsOf } from '../release/secrets.ts';
import type { AppSecrets } from './app-secrets.ts';
import type { Caches, StoredObject } from './caches.ts';

/**
 * The values that the current release has, and those that nothing has any more. Old values are never made anew: what a
 * release has once had, and its core Secret has not, is gone.
 */
export function valuesChanges(app: App, plan: ReleasePlan, secrets: AppSecrets | undefined, owned: Owned) {
  const { current, serving } = plan;
  const hash = secretsHash(current.spec);
  const isKnown = secrets && hash === secretsHash({ secrets: secretsOf(secrets.secrets) });
  const write =
    isKnown && current.spec.secrets.length > 0 ? [secretValues(app, current.spec.secrets, { ...secrets.data })] : [];
  const kept = new Set([hash, ...(serving ? [secretsHash(serving.spec)] : [])]);
  const names = new Set(write.map(({ metadata }) => metadata.name));
  const prunable = ({ metadata }: KubeObject) => {
    const of = metadata.labels?.[label.secrets];
    return of !== undefined && !kept.has(of) && !owned.isUsed(of);
  };
  return {
    write: write as CoreSecret[],
    current: owned.copies.filter((copy) => names.has(copy.metadata.name) || prunable(copy)),
  };
}

/** The values of releases of an App that there are, and who has them. */
export interface Owned {
  readonly copies: readonly KubeObject[];
  readonly isUsed: (hash: string) => boolean;
}

/** Machines and runs of Schedules have values of their App, too. */
export function ownedValues({ metadata }: StoredObject, caches: Caches): Owned {
  const { coreSecrets, pods, deployments, statefulSets, jobs, cronJobs } = caches;
  const users = [pods, deployments, statefulSets, jobs, cronJobs];
  const key = (hash: string) => `${metadata.namespace}/${metadata.name}/${hash}`;
  return {
    copies: coreSecrets.store.byIndex('owner', metadata.uid ?? ''),
    isUsed: (hash) => users.some(({ store }) => store.byIndex('values', key(hash)).length > 0),
  };
}
