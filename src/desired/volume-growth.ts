import { parseBytes } from '../api/quantity.ts';
import type { Mount } from '../api/storage.ts';

/** Bytes of a volume, as its claim and the kubelet of its node tell them. */
export interface VolumeUsage {
  readonly used: number;
  /** Of the file system. */
  readonly capacity: number;
  /** What the claim asks for. */
  readonly requested: number;
  /** What the claim has: `status.capacity`. */
  readonly provided: number;
}

/** A file system is never larger than its volume, but for rounding. */
const rounding = 1.1;

/**
 * Whether the numbers are of something else: a volume that is a folder (hostPath, NFS) reports the whole disk. They do not
 * tell how full the volume is.
 */
export function isOfWholeDisk({ capacity, requested, provided }: VolumeUsage): boolean {
  return capacity > Math.max(requested, provided) * rounding;
}

/** The size in bytes that a volume should grow to by `autoExtend`; undefined where it should stay as it is. */
export function extendedSize(usage: VolumeUsage, { autoExtend }: Pick<Mount, 'autoExtend'>): number | undefined {
  const { used, capacity, requested, provided } = usage;
  const isGrowing = provided < requested;
  if (!autoExtend || capacity <= 0 || isGrowing || isOfWholeDisk(usage)) return undefined;
  if (used * 100 < capacity * autoExtend.threshold) return undefined;
  const limit = autoExtend.limit ? parseBytes(autoExtend.limit) : Number.POSITIVE_INFINITY;
  // A provider may give more than it was asked for, and then asking for a little more changes nothing.
  const size = Math.min(provided + parseBytes(autoExtend.increment), limit);
  return size > requested ? size : undefined;
}
