import { microTime } from './clock.ts';
import type { ObjectMeta } from './types.ts';

export interface Lease {
  apiVersion: 'coordination.k8s.io/v1';
  kind: 'Lease';
  metadata: ObjectMeta;
  spec?: LeaseSpec;
}

export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

export interface Claimant {
  readonly identity: string;
  readonly durationMs: number;
}

/** A Lease and when this process first saw it in this version, on its own monotonic clock. */
export interface Sighting {
  readonly lease: Lease;
  readonly at: number;
}

/** Another version is a new sighting; the same one keeps the time of the first. */
export function sight(before: Sighting | undefined, lease: Lease, at: number): Sighting {
  const isSame = before?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
  return before && isSame ? before : { lease, at };
}

/**
 * Whether the Lease is there for the taking. Its times were written by another machine's clock and are not read: it has
 * expired when it has not changed for its duration on our own clock.
 */
export function isFree({ lease, at }: Sighting, identity: string, monotonic: number): boolean {
  const { holderIdentity: holder, leaseDurationSeconds = 0 } = lease.spec ?? {};
  return !holder || holder === identity || monotonic - at >= leaseDurationSeconds * 1000;
}

/** The Lease as it stands once it is ours, whether taken, renewed or new. */
export function claimed(
  lease: Pick<Lease, 'metadata' | 'spec'>,
  { identity, durationMs }: Claimant,
  now: number,
): Lease {
  const { spec = {}, metadata } = lease;
  const isMine = spec.holderIdentity === identity;
  const transitions = (spec.leaseTransitions ?? 0) + (isMine || !spec.renewTime ? 0 : 1);
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata,
    spec: {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: isMine && spec.acquireTime ? spec.acquireTime : microTime(now),
      renewTime: microTime(now),
      leaseTransitions: transitions,
    },
  };
}

/** The Lease without a holder, so that the next one need not wait until it expires. */
export function released(lease: Lease, now: number): Lease {
  const { holderIdentity: _, ...spec } = lease.spec ?? {};
  return { ...lease, spec: { ...spec, leaseDurationSeconds: 1, renewTime: microTime(now) } };
}
