import type { App } from '../api/app.ts';
import type { ObservedClaim } from '../api/kubernetes.ts';
import { apiVersion, label } from '../api/meta.ts';
import { formatBytes, parseBytes } from '../api/quantity.ts';
import type { Mount } from '../api/storage.ts';

type OwnerReferences = NonNullable<ObservedClaim['metadata']['ownerReferences']>;

/** The claim of a volume, and the mount of the App that it is for. */
export interface Volume {
  readonly claim: ObservedClaim;
  readonly mount: Mount;
}

/** What a claim should be different in. */
export interface ClaimChange {
  readonly claim: ObservedClaim;
  /** A quantity. */
  readonly size?: string;
  readonly ownerReferences?: OwnerReferences;
}

/** The volumes of an App that its spec says something about, by name. */
export function volumesOf(app: App, claims: readonly ObservedClaim[]): Volume[] {
  const mounts = new Map(app.spec.mounts.map((mount) => [mount.name, mount]));
  return claims
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .flatMap((claim) => {
      const mount = mounts.get(claim.metadata.labels?.[label.mount] ?? '');
      return mount ? [{ claim, mount }] : [];
    })
    .sort((a, b) => (a.claim.metadata.name < b.claim.metadata.name ? -1 : 1));
}

/**
 * Claims are made by StatefulSets and outlive them. They are only ever made larger: what is more than the spec says was
 * asked for by somebody, or by `autoExtend`, and no storage shrinks.
 *
 * `onDelete: delete` makes the App an owner of the claim, so that Kubernetes deletes it with the App. The retention policy
 * of the StatefulSet would delete it with the set: also when a region or a group is renamed, and for all mounts alike.
 */
export function claimChanges(app: App, volumes: readonly Volume[]): ClaimChange[] {
  return volumes
    .map(({ claim, mount }) => ({ claim, ...newSize(claim, mount), ...newOwners(claim, mount, app) }))
    .filter((change) => 'size' in change || 'ownerReferences' in change);
}

/** Bytes that a claim asks for. */
export function requestedBytes({ spec }: ObservedClaim): number {
  return parseBytes(spec?.resources?.requests?.storage ?? '0');
}

/** The API server lets nothing but a bound claim grow. */
export const isBound = ({ status }: ObservedClaim) => status?.phase === 'Bound';

function newSize(claim: ObservedClaim, mount: Mount): Pick<ClaimChange, 'size'> {
  const wanted = parseBytes(mount.size);
  return isBound(claim) && requestedBytes(claim) < wanted ? { size: formatBytes(wanted) } : {};
}

function newOwners({ metadata }: ObservedClaim, mount: Mount, app: App): Pick<ClaimChange, 'ownerReferences'> {
  const { name, uid } = app.metadata;
  const owners = metadata.ownerReferences ?? [];
  const others = owners.filter((owner) => owner.uid !== uid);
  const isOwned = others.length < owners.length;
  if (isOwned === (mount.onDelete === 'delete')) return {};
  return { ownerReferences: isOwned ? others : [...others, { apiVersion, kind: 'App', name, uid }] };
}
