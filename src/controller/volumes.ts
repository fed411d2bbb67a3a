import type { Claim } from '../api/kubernetes.ts';
import { formatBytes } from '../api/quantity.ts';
import type { ObservedSnapshot, VolumeProblem, VolumeSnapshot, VolumesObserved } from '../api/volume.ts';
import {
  type ClaimChange,
  claimChanges,
  missingClaims,
  requestedBytes,
  type VolumeOwner,
  volumesOf,
} from '../desired/claims.ts';
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
 * Makes the claims and snapshots of an App or a Machine what its mounts say. What the cluster refuses is told, not thrown,
 * because it runs on with its volumes as they are. Nothing is asked or written where nothing differs.
 */
export async function tendVolumes(of: VolumeOwner, observed: VolumesObserved, tools: Tools): Promise<VolumesTended> {
  if (of.spec.mounts.length === 0) return { problems: [] };
  const volumes = volumesOf(of, observed.claims);
  const problems = volumeTroubles(of, observed);
  for (const claim of missingClaims(of, observed.claims)) problems.push(...(await makeClaim(claim, tools)));
  for (const change of claimChanges(of, volumes)) problems.push(...(await changeClaim(change, tools)));
  if (!observed.snapshots) return { problems };
  const plan = snapshotPlan(of, volumes, observed.snapshots, tools.now.getTime());
  for (const snapshot of plan.make) problems.push(...(await makeSnapshot(snapshot, tools)));
  for (const { metadata } of plan.remove) await removeSnapshot(metadata, tools);
  const { nextInMs } = plan;
  return { problems, ...(nextInMs !== undefined && { requeueAfterMs: nextInMs }) };
}

function makeClaim(claim: Claim, { client, signal }: Tools): Promise<VolumeProblem[]> {
  return refusals(claim.metadata.name, 'cannot be made', () =>
    unlessThere(() => client.create(persistentVolumeClaims, claim, { signal })),
  );
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
  return refusals(volume, 'no snapshot could be made', () =>
    unlessThere(() => client.create(volumeSnapshots, snapshot, { signal })),
  );
}

async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    // Made a moment ago, and not seen yet.
    if (!isAlreadyExists(error)) throw error;
  }
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
