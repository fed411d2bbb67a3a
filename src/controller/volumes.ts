import type { App } from '../api/app.ts';
import { formatBytes } from '../api/quantity.ts';
import type { ObservedSnapshot, VolumeProblem, VolumeSnapshot, VolumesObserved } from '../api/volume.ts';
import { type ClaimChange, claimChanges, requestedBytes, volumesOf } from '../desired/claims.ts';
import { snapshotPlan } from '../desired/snapshots.ts';
import type { Client } from '../kube/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts';
import { persistentVolumeClaims, volumeSnapshots } from '../kube/resources.ts';
import { volumeTroubles } from '../status/volumes.ts';
import { isRefused } from './refused.ts';

export interface VolumesTended {
  /** For the condition `VolumesImpaired`. */
  readonly problems: readonly VolumeProblem[];
  /** When a snapshot is to be made or deleted. */
  readonly requeueAfterMs?: number;
}

interface Tools {
  readonly client: Pick<Client, 'create' | 'mergePatch' | 'delete'>;
  readonly now: Date;
  readonly signal?: AbortSignal;
}

/**
 * Makes the claims and snapshots of an App what its mounts say. What the cluster refuses is told, not thrown, because the
 * App runs on with its volumes as they are. Nothing is asked or written where nothing differs.
 */
export async function tendVolumes(app: App, observed: VolumesObserved, tools: Tools): Promise<VolumesTended> {
  if (app.spec.mounts.length === 0) return { problems: [] };
  const volumes = volumesOf(app, observed.claims);
  const problems = volumeTroubles(app, observed);
  for (const change of claimChanges(app, volumes)) problems.push(...(await changeClaim(change, tools)));
  if (!observed.snapshots) return { problems };
  const plan = snapshotPlan(app, volumes, observed.snapshots, tools.now.getTime());
  for (const snapshot of plan.make) problems.push(...(await makeSnapshot(snapshot, tools)));
  for (const { metadata } of plan.remove) await removeSnapshot(metadata, tools);
  const { nextInMs } = plan;
  return { problems, ...(nextInMs !== undefined && { requeueAfterMs: nextInMs }) };
}

/** In two writes, because growing may be refused. */
async function changeClaim({ claim, size, ownerReferences }: ClaimChange, tools: Tools): Promise<VolumeProblem[]> {
  const { client, signal } = tools;
  const { name, namespace, resourceVersion } = claim.metadata;
  const ref = { name, namespace };
  if (ownerReferences) {
    // A merge patch replaces the whole list, so it must be the one that was seen.
    const patch = { metadata: { ownerReferences, resourceVersion } };
    await client.mergePatch(persistentVolumeClaims, ref, patch, { signal });
  }
  if (!size) return [];
  const patch = { spec: { resources: { requests: { storage: size } } } };
  return refusals(name, `cannot grow from ${formatBytes(requestedBytes(claim))} to ${size}`, () =>
    client.mergePatch(persistentVolumeClaims, ref, patch, { signal }),
  );
}

function makeSnapshot(snapshot: VolumeSnapshot, { client, signal }: Tools): Promise<VolumeProblem[]> {
  const volume = snapshot.spec.source.persistentVolumeClaimName ?? '';
  return refusals(volume, 'no snapshot could be made', async () => {
    try {
      await client.create(volumeSnapshots, snapshot, { signal });
    } catch (error) {
      // Made a moment ago, and not seen yet.
      if (!isAlreadyExists(error)) throw error;
    }
  });
}

async function removeSnapshot({ name, namespace, uid }: ObservedSnapshot['metadata'], tools: Tools): Promise<void> {
  const { client, signal } = tools;
  try {
    await client.delete(volumeSnapshots, { name, namespace }, { uid, signal });
  } catch (error) {
    // Gone already, or another one by now.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** What is refused for good, as opposed to what passes by itself, is a problem of the volume. */
async function refusals(volume: string, what: string, write: () => Promise<unknown>): Promise<VolumeProblem[]> {
  try {
    await write();
    return [];
  } catch (error) {
    if (!isNotFound(error) && !isRefused(error)) throw error;
    return [{ volume, message: `${what}: ${(error as Error).message}` }];
  }
}
