import { seconds } from '../api/duration.ts';
import type { ObservedClaim } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { ObservedSnapshot, VolumeSnapshot } from '../api/volume.ts';
import { isBound, type Volume, type VolumeOwner } from './claims.ts';
import { volumeLabels } from './labels.ts';

/** What is to be done about the snapshots of an App or a Machine, and when to look again. */
export interface SnapshotPlan {
  readonly make: readonly VolumeSnapshot[];
  readonly remove: readonly ObservedSnapshot[];
  /** Absent where nothing is on a schedule. */
  readonly nextInMs?: number;
}

const dayMs = 86_400_000;

/**
 * A volume gets its first snapshot at once, and another one when the newest is older than `every`. Only those that
 * Airfield has made are deleted, when they are older than `retentionDays`; never the newest, nor the newest that can be
 * restored. Those of volumes that are gone are treated alike, so that the last one of each stays.
 */
export function snapshotPlan(
  of: VolumeOwner,
  volumes: readonly Volume[],
  snapshots: readonly ObservedSnapshot[],
  now: number,
): SnapshotPlan {
  const histories = historiesOf(snapshots);
  const due: { claim: ObservedClaim; inMs: number }[] = [];
  for (const { claim, mount } of volumes) {
    if (!mount.snapshots || !isBound(claim)) continue;
    const [newest] = histories.get(claim.metadata.name) ?? [];
    const age = newest ? now - madeAt(newest) : Number.POSITIVE_INFINITY;
    const every = seconds(mount.snapshots.every) * 1000;
    due.push({ claim, inMs: age >= every ? 0 : every - age });
  }
  const old = [...histories.values()].flatMap((history) => expiries(of, history, now));
  const times = [...due, ...old].map(({ inMs }) => inMs).filter((ms) => ms > 0);
  return {
    make: due.filter(({ inMs }) => inMs === 0).map(({ claim }) => snapshotOf(of, claim, now)),
    remove: old.filter(({ inMs }) => inMs <= 0).map(({ snapshot }) => snapshot),
    ...(times.length > 0 && { nextInMs: Math.min(...times) }),
  };
}

/** Those of each claim, the newest first. */
export function historiesOf(snapshots: readonly ObservedSnapshot[]): Map<string, ObservedSnapshot[]> {
  const alive = snapshots.filter(({ metadata }) => !metadata.deletionTimestamp);
  const newestFirst = alive.sort((a, b) => madeAt(b) - madeAt(a));
  return Map.groupBy(newestFirst, ({ spec }) => spec?.source.persistentVolumeClaimName ?? '');
}

/** In how many milliseconds each snapshot of a claim is to be deleted. */
function expiries(of: VolumeOwner, history: readonly ObservedSnapshot[], now: number) {
  const restorable = history.find(({ status }) => status?.readyToUse);
  return history.slice(1).flatMap((snapshot) => {
    const mount = of.spec.mounts.find(({ name }) => name === snapshot.metadata.labels?.[label.mount]);
    if (!mount?.snapshots || snapshot === restorable) return [];
    return [{ snapshot, inMs: madeAt(snapshot) + mount.snapshots.retentionDays * dayMs - now }];
  });
}

/** Its name tells the minute, so that what was just made and not yet seen is not made again. */
function snapshotOf(of: VolumeOwner, { metadata }: ObservedClaim, now: number): VolumeSnapshot {
  const minute = new Date(now).toISOString().replace(/[-:]/g, '').slice(0, 13).toLowerCase();
  const inherited = [label.process, label.mount, label.region].flatMap((name) => {
    const value = metadata.labels?.[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: {
      name: `${metadata.name}-${minute}`,
      namespace: of.metadata.namespace,
      labels: { ...volumeLabels(of), ...Object.fromEntries(inherited) },
    },
    spec: { source: { persistentVolumeClaimName: metadata.name } },
  };
}

const madeAt = ({ metadata }: ObservedSnapshot) => Date.parse(metadata.creationTimestamp ?? '');
