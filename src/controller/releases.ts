import type { ObservedJob, ObservedRevision, ObservedWorkload } from '../api/kubernetes.ts';
import { role } from '../api/meta.ts';
import { readRelease } from '../api/read-release.ts';
import type { Release } from '../api/release.ts';
import type { KubeObject } from '../kube/types.ts';
import type { ReleaseObserved, ReleasePlan } from '../release/plan.ts';
import { type Caches, jobsOf } from './caches.ts';
import { withoutSecrets } from './secrets-cached.ts';

/** What the caches know of the releases of an App. */
export interface CachedReleases extends Omit<ReleaseObserved, 'secrets'> {
  readonly job: (ObservedJob & KubeObject) | undefined;
  readonly checks: readonly (ObservedJob & KubeObject)[];
  /** The ControllerRevisions, by version. */
  readonly revisions: ReadonlyMap<number, ObservedRevision & KubeObject>;
}

export function cachedReleases(owner: KubeObject, caches: Caches): CachedReleases {
  const { metadata } = owner;
  const key = `${metadata.namespace}/${metadata.name}`;
  const uid = metadata.uid ?? '';
  return {
    revisions: new Map(revisionsOf(owner, caches).map((item) => [item.revision, item])),
    releases: releasesOf(owner, caches),
    workloads: [
      ...[caches.deployments, caches.statefulSets].flatMap(({ store }): ObservedWorkload[] =>
        store.byIndex('owner', uid),
      ),
      ...jobsOf(owner, caches),
    ],
    job: jobsOf(owner, caches, role.releaseCommand)[0],
    checks: jobsOf(owner, caches, role.machineCheck),
    pods: withoutSecrets(caches.pods.store.byIndex('app', key), key, caches),
  };
}

/** The releases of an App, by version. */
export function releasesOf(owner: KubeObject, caches: Pick<Caches, 'revisions'>): Release[] {
  const releases = revisionsOf(owner, caches)
    .map(releaseOf)
    .filter((release) => release !== undefined);
  return releases.sort((a, b) => a.version - b.version);
}

/** Those of an App of the same name that is being collected are not history of this one; orphans are. */
function revisionsOf({ metadata }: KubeObject, { revisions }: Pick<Caches, 'revisions'>) {
  const all = revisions.store.byIndex('app', `${metadata.namespace}/${metadata.name}`);
  return all.filter((item) => isOwnedByOrFree(item, metadata.uid ?? ''));
}

/** What is to be written and taken away to follow a plan: of all that is kept, only what is new or has changed. */
export function releaseChanges(plan: ReleasePlan, { releases, revisions, job }: CachedReleases) {
  const write = plan.releases.filter(
    (release) => !releases.includes(release) || isFree(revisions.get(release.version)),
  );
  const versions = new Set(plan.releases.map(({ version }) => version));
  const writing = new Set(write.map(({ version }) => version));
  const current = [...revisions.values()].filter(({ revision }) => writing.has(revision) || !versions.has(revision));
  return {
    write,
    command: plan.command === 'run' ? plan.current : undefined,
    checks: plan.checks.run,
    current: [...current, ...(job && plan.command === 'remove' ? [job] : []), ...plan.checks.remove] as KubeObject[],
  };
}

/** A release has begun when it was stored, by the clock of the API server: the same for the look that has made it as for all others. */
export function asStored(plan: ReleasePlan, applied: readonly KubeObject[]): ReleasePlan {
  const { current, serving, releases } = plan;
  const stored = applied.find(
    (child) => child.kind === 'ControllerRevision' && (child as ObservedRevision).revision === current.version,
  );
  const startedAt = stored?.metadata.creationTimestamp;
  if (startedAt === undefined || startedAt === current.startedAt) return plan;
  const begun = { ...current, startedAt };
  const swapped = (release: Release) => (release === current ? begun : release);
  return { ...plan, current: begun, serving: serving && swapped(serving), releases: releases.map(swapped) };
}

/** Reading one costs more than everything else, and each is read at every look at its App. */
const read = new WeakMap<ObservedRevision, Release>();

function releaseOf(revision: ObservedRevision): Release | undefined {
  const known = read.get(revision) ?? readRelease(revision);
  if (known) read.set(revision, known);
  return known;
}

const isFree = (object: KubeObject | undefined) => !object?.metadata.ownerReferences?.length;

function isOwnedByOrFree(object: KubeObject, uid: string): boolean {
  return isFree(object) || (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
}
