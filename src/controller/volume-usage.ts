import type { ObservedClaim, ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { formatBytes, parseBytes } from '../api/quantity.ts';
import { readApp } from '../api/read-app.ts';
import type { Mount } from '../api/storage.ts';
import { requestedBytes } from '../desired/claims.ts';
import { volumeName } from '../desired/names.ts';
import { extendedSize, isOfWholeDisk, type VolumeUsage } from '../desired/volume-growth.ts';
import type { Client } from '../kube/client.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import { isForbidden, isInvalid } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Informer } from '../kube/informer.ts';
import { persistentVolumeClaims } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import { type VolumeStats, volumeStats } from '../kube/volume-stats.ts';
import type { StoredObject } from './caches.ts';
import type { Controller, Outcome, Reconcile } from './controller.ts';

export interface VolumeUsageOptions {
  readonly client: Pick<Client, 'get' | 'mergePatch'>;
  readonly apps: Pick<Store<StoredObject>, 'get'>;
  readonly claims: Pick<Store<ObservedClaim & KubeObject>, 'get'>;
  /** With the index `node`: the name of the node. */
  readonly pods: Pick<Store<ObservedPod & KubeObject>, 'byIndex'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock?: Clock;
}

/** A volume with `autoExtend` that a machine has. */
interface Watched {
  readonly app: StoredObject;
  readonly claim: ObservedClaim & KubeObject;
  readonly mount: Mount;
}

/** The kubelet itself does not count more often. */
const periodMs = 60_000;

/**
 * Makes the volumes with `autoExtend` on a node larger when they fill up; the key is the node's name. Asks its kubelet
 * once a minute while there are such volumes, and never else. The claim keeps the size that a volume has grown to.
 */
export function volumeUsageReconciler(options: VolumeUsageOptions): Reconcile {
  const { client, events, clock = systemClock } = options;
  const askedAt = new Map<string, number>();
  /** Capacity at which a volume was last made larger: until another one is told, it has not grown yet. */
  const grownAt = new Map<string, number>();

  return async (node, { signal }): Promise<Outcome | undefined> => {
    const watched = watchedOn(node, options);
    if (watched.length === 0) return void askedAt.delete(node);
    const sinceMs = clock.monotonic() - (askedAt.get(node) ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < periodMs) return { requeueAfterMs: periodMs - sinceMs };
    askedAt.set(node, clock.monotonic());
    const all = await volumeStats(client, node, signal).catch((error: unknown) => {
      if (!isForbidden(error)) throw error;
      for (const volume of watched) warn(volume, `the operator may not ask the kubelet: ${(error as Error).message}`);
      return new Map<string, VolumeStats>();
    });
    for (const volume of watched) {
      const stats = all.get(keyOf(volume.claim.metadata));
      if (stats) await tend(volume, stats, signal);
    }
    return { requeueAfterMs: periodMs };
  };

  async function tend(volume: Watched, stats: VolumeStats, signal: AbortSignal): Promise<void> {
    const { claim, mount } = volume;
    const key = keyOf(claim.metadata);
    const provided = parseBytes(claim.status?.capacity?.storage ?? '0');
    const usage: VolumeUsage = { ...stats, requested: requestedBytes(claim), provided };
    if (isOfWholeDisk(usage)) {
      return warn(volume, 'its storage reports a whole disk, so nobody can tell how full the volume is');
    }
    const size = stats.capacity === grownAt.get(key) ? undefined : extendedSize(usage, mount);
    if (size !== undefined) await grow(volume, usage, size, signal);
  }

  async function grow(volume: Watched, usage: VolumeUsage, bytes: number, signal: AbortSignal): Promise<void> {
    const { app, claim } = volume;
    const size = formatBytes(bytes);
    const patch = { spec: { resources: { requests: { storage: size } } } };
    try {
      await client.mergePatch(persistentVolumeClaims, claim.metadata, patch, { signal });
    } catch (error) {
      if (!isForbidden(error) && !isInvalid(error)) throw error;
      return warn(volume, (error as Error).message);
    }
    grownAt.set(keyOf(claim.metadata), usage.capacity);
    const percent = Math.floor((usage.used * 100) / usage.capacity);
    const message = `volume ${claim.metadata.name} is ${percent}% full and grows from ${formatBytes(usage.requested)} to ${size}`;
    events.record(app, { type: 'Normal', reason: 'VolumeExtended', message, action: 'ExtendVolume' });
  }

  function warn({ app, claim }: Watched, why: string): void {
    const message = `volume ${claim.metadata.name} is not extended: ${why}`;
    events.record(app, { type: 'Warning', reason: 'VolumeNotExtended', message, action: 'ExtendVolume' });
  }
}

/** Looks at a node when a machine comes to it, and when the spec of an App with machines there changes. */
export function wakeVolumeUsage(
  { apps, pods }: { apps: Informer<StoredObject>; pods: Informer<ObservedPod & KubeObject> },
  usage: Pick<Controller, 'enqueue'>,
): void {
  pods.onChange((_, current, previous) => {
    const node = current?.spec?.nodeName;
    if (node && node !== previous?.spec?.nodeName) usage.enqueue(node);
  });
  apps.onChange((key, current, previous) => {
    if (current?.metadata.generation === previous?.metadata.generation) return;
    for (const { spec } of pods.store.byIndex('app', key)) if (spec?.nodeName) usage.enqueue(spec.nodeName);
  });
}

/** The volumes with `autoExtend` of the machines on a node. */
function watchedOn(node: string, { apps, claims, pods }: VolumeUsageOptions): Watched[] {
  return pods.byIndex('node', node).flatMap(({ metadata: { name, namespace, labels } }) => {
    const app = apps.get(`${namespace}/${labels?.[label.app]}`);
    const read = app && readApp(app);
    if (!app || !read || 'problem' in read) return [];
    const extending = read.app.spec.mounts.filter(({ autoExtend }) => autoExtend);
    return extending.flatMap((mount) => {
      const claim = claims.get(`${namespace}/${volumeName(mount.name)}-${name}`);
      return claim?.metadata.labels?.[label.mount] === mount.name ? [{ app, claim, mount }] : [];
    });
  });
}
