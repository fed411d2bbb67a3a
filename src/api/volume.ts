import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { ChildMeta, ObservedClaim, Wire } from './kubernetes.ts';

/** What is wrong with one volume, or with one mount of an App; for people. */
export interface VolumeProblem {
  /** Name of the claim, or of the mount where it is about all its volumes. */
  readonly volume: string;
  readonly message: string;
}

/** A VolumeSnapshot as Airfield makes it. No package here brings the types of snapshot.storage.k8s.io/v1. */
export interface VolumeSnapshot {
  readonly apiVersion: 'snapshot.storage.k8s.io/v1';
  readonly kind: 'VolumeSnapshot';
  readonly metadata: ChildMeta;
  readonly spec: SnapshotSpec;
}

/** A VolumeSnapshot as it is read back. */
export interface ObservedSnapshot {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Wire<V1ObjectMeta> & { name: string };
  readonly spec?: SnapshotSpec;
  readonly status?: { readonly readyToUse?: boolean; readonly error?: { readonly message?: string } };
}

/** The volumes of an App as the cluster has them: what carries the label of the App. */
export interface VolumesObserved {
  readonly claims: readonly ObservedClaim[];
  /** Those that Airfield has made; undefined where the cluster does not have the kind. */
  readonly snapshots: readonly ObservedSnapshot[] | undefined;
}

interface SnapshotSpec {
  readonly source: { readonly persistentVolumeClaimName?: string };
}
