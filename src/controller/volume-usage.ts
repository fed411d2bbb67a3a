import type { ObservedClaim, ObservedPod } from '../api/kubernetes.ts';
import { machineSpecSchema } from '../api/machine.ts';
import { label } from '../api/meta.ts';
import { formatBytes, parseBytes } from '../api/quantity.ts';
import { readApp } from '../api/read-app.ts';
import type { Mount } from '../api/storage.ts';
import { requestedBytes } from '../desired/claims.ts';
import { claimName } from '../desired/machine-workload.ts';
import { volumeName } from '../desired/names.ts';
import { extendedSize, isOfWholeDisk, type VolumeUsage } from '../desired/volume-growth.ts';
import type { Client } from '../kube/client.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import { isForbidden, isInvalid } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Informer } from '../kube/informer.ts';
import { persistentVolumeClaims } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import { type Key, type KubeObject, keyOf } from '../kube/types.ts';
import { type VolumeStats, volumeStats } from '../kube/volume-stats.ts';
import type { StoredObject } from './caches.ts';
import type { Controller, Outcome, Reconcile } from './controller.ts';

export interface VolumeUsageOptions {
  readonly client: Pick<Client, 'get' | 'mergePatch'>;
  readonly apps: Pick<Store<StoredObject>, 'get'>;
  readonly machines: Pick<Store<StoredObject>, 'get'>;
  readonly claims: Pick<Store<ObservedClaim & KubeObject>, 'get'>;
  /** With the index `node`: the name of the node. */
  readonly pods: Pick<Store<ObservedPod & KubeObject>, 'byIndex'>;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Gets how full each volume was when it was asked for last, by the key of its claim. */
  readonly used?: Map<Key, VolumeStats>;
  readonly clock?: Clock;
}

/** A volume with `autoExtend` that a machine has. */
interface Watched {
  /** The App or the Machine that has it. */
  readonly owner: StoredObject;
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
    options.used?.set(key, stats);
    const size = stats.capacity === grownAt.get(key) ? undefined : extendedSize(usage, mount);
    if (size !== undefined) await grow(volume, usage, size, signal);
  }

  async function grow(volume: Watched, usage: VolumeUsage, bytes: number, signal: AbortSignal): Promise<void> {
    const { owner, claim } = volume;
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
    events.record(owner, { type: 'Normal', reason: 'VolumeExtended', message, action: 'ExtendVolume' });
  }

  function warn({ owner, claim }: Watched, why: string): void {
    const message = `volume ${claim.metadata.name} is not extended: ${why}`;
    events.record(owner, { type: 'Warning', reason: 'VolumeNotExtended', message, action: 'ExtendVolume' });
  }
}

/** Looks at a node when a machine comes to it, and when the spec of an App or a Machine changes that is there. */
export function wakeVolumeUsage(
  {
    apps,
    machines,
    pods,
  }: Record<'apps' | 'machines', Informer<StoredObject>> & {
    readonly pods: Informer<ObservedPod & KubeObject>;
  },
  usage: Pick<Controller, 'enqueue'>,
): void {
  pods.onChange((_, current, previous) => {
    const node = current?.spec?.nodeName;
    if (node && node !== previous?.spec?.nodeName) usage.enqueue(node);
  });
  for (const [index, owners] of [['app', apps] as const, ['machine', machines] as const]) {
    owners.onChange((key, current, previous) => {
      if (current?.metadata.generation === previous?.metadata.generation) return;
      for (const { spec } of pods.store.byIndex(index, key)) if (spec?.nodeName) usage.enqueue(spec.nodeName);
    });
  }
}

/** The volumes with `autoExtend` of the machines on a node. */
function watchedOn(node: string, options: VolumeUsageOptions): Watched[] {
  return options.pods.byIndex('node', node).flatMap((pod) => {
    const { owner, mounts, claimOf } = mountedBy(pod, options);
    if (!owner) return [];
    const extending = mounts.filter(({ autoExtend }) => autoExtend);
    return extending.flatMap((mount) => {
      const claim = options.claims.get(`${pod.metadata.namespace}/${claimOf(mount)}`);
      return claim?.metadata.labels?.[label.mount] === mount.name ? [{ owner, claim, mount }] : [];
    });
  });
}

interface Mounted {
  readonly owner?: StoredObject | undefined;
  readonly mounts: readonly Mount[];
  readonly claimOf: (mount: Mount) => string;
}

/** Reading a Machine costs more than everything else, and most have no volume. */
function mountsOfMachine(spec: unknown): readonly Mount[] {
  const { mounts = [] } = (spec ?? {}) as { mounts?: readonly object[] };
  return mounts.length > 0 ? (machineSpecSchema.safeParse(spec).data?.mounts ?? []) : [];
}

function mountedBy({ metadata }: ObservedPod, { apps, machines }: VolumeUsageOptions): Mounted {
  const { name, namespace, labels = {} } = metadata;
  const machine = labels[label.machine];
  if (machine !== undefined) {
    const owner = machines.get(`${namespace}/${machine}`);
    return { owner, mounts: mountsOfMachine(owner?.spec), claimOf: (mount) => claimName(machine, mount.name) };
  }
  const owner = apps.get(`${namespace}/${labels[label.app]}`);
  const read = owner && readApp(owner);
  const mounts = read && !('problem' in read) ? read.app.spec.mounts : [];
  return { owner, mounts, claimOf: (mount) => `${volumeName(mount.name)}-${name}` };
}
