import type { Claim, ObservedClaim } from '../api/kubernetes.ts';
import { apiVersion, label } from '../api/meta.ts';
import { formatBytes, parseBytes } from '../api/quantity.ts';
import type { Meta } from '../api/read.ts';
import type { Mount } from '../api/storage.ts';
import { volumeLabels } from './labels.ts';
import { claimName } from './machine-workload.ts';

type OwnerReferences = NonNullable<ObservedClaim['metadata']['ownerReferences']>;

/** What has volumes: an App, or a Machine, which names its App. */
export interface VolumeOwner {
  readonly metadata: Pick<Meta, 'name' | 'namespace' | 'uid'>;
  readonly spec: { readonly app?: string; readonly mounts: readonly Mount[] };
}

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

/** The volumes of an App or a Machine that its spec says something about, by name. */
export function volumesOf({ spec }: Pick<VolumeOwner, 'spec'>, claims: readonly ObservedClaim[]): Volume[] {
  const mounts = new Map(spec.mounts.map((mount) => [mount.name, mount]));
  return claims
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .flatMap((claim) => {
      const mount = mounts.get(claim.metadata.labels?.[label.mount] ?? '');
      return mount ? [{ claim, mount }] : [];
    })
    .sort((a, b) => (a.claim.metadata.name < b.claim.metadata.name ? -1 : 1));
}

/** What a claim asks for when it is made. */
export function claimSpec({ size, storageClassName, fromSnapshot }: Mount): NonNullable<Claim['spec']> {
  return {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: formatBytes(parseBytes(size)) } },
    ...(storageClassName && { storageClassName }),
    ...(fromSnapshot && { dataSource: snapshotSource(fromSnapshot) }),
  };
}

const snapshotSource = (name: string) => ({ apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name });

/**
 * The claims that a Machine does not have yet; those of an App are made by Kubernetes. They have the Machine's name and not
 * its id, so that they are there for the next Machine of that name.
 */
export function missingClaims({ metadata, spec }: VolumeOwner, claims: readonly ObservedClaim[]): Claim[] {
  if (spec.app === undefined) return [];
  const { name: machine, namespace } = metadata;
  const names = new Set(claims.map(({ metadata: { name } }) => name));
  const labels = volumeLabels({ metadata, spec });
  return spec.mounts
    .map((mount) => ({ mount, name: claimName(machine, mount.name) }))
    .filter(({ name }) => !names.has(name))
    .map(({ mount, name }) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, labels: { ...labels, [label.mount]: mount.name } },
      spec: claimSpec(mount),
    }));
}

/**
 * Claims are made by StatefulSets and outlive them. They are only ever made larger: what is more than the spec says was
 * asked for by somebody, or by `autoExtend`, and no storage shrinks.
 *
 * `onDelete: delete` makes the App or the Machine an owner of the claim, so that Kubernetes deletes it with that. The retention policy
 * of the StatefulSet would delete it with the set: also when a region or a group is renamed, and for all mounts alike.
 */
export function claimChanges(of: VolumeOwner, volumes: readonly Volume[]): ClaimChange[] {
  return volumes
    .map(({ claim, mount }) => ({ claim, ...newSize(claim, mount), ...newOwners(claim, mount, of) }))
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

function newOwners({ metadata }: ObservedClaim, mount: Mount, of: VolumeOwner): Pick<ClaimChange, 'ownerReferences'> {
  const { name, uid } = of.metadata;
  const kind = of.spec.app === undefined ? 'App' : 'Machine';
  const owners = metadata.ownerReferences ?? [];
  const others = owners.filter((owner) => owner.uid !== uid);
  const isOwned = others.length < owners.length;
  if (isOwned === (mount.onDelete === 'delete')) return {};
  return { ownerReferences: isOwned ? others : [...others, { apiVersion, kind, name, uid }] };
}
