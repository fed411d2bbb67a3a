import { apps } from '../controller/resources.ts';
import type { Client } from '../kube/client.ts';
import { isConflict, isNotFound, type KubeError } from '../kube/errors.ts';
import { type ObjectRef, pathOf } from '../kube/resources.ts';
import type { StoredApp } from './app-diff.ts';
import type { WantedApp } from './manifests.ts';
import { isFields, lastAppliedOf, threeWayPatch } from './three-way-patch.ts';

/**
 * The name by which `kubectl apply --server-side` owns fields. Under any other name, what kubectl applied earlier would
 * look like somebody else's: each change a conflict, and nothing that is no longer in the file would go.
 */
const kubectlManager = 'kubectl';

export interface Outcome {
  /** Absent where there is no such App yet. */
  readonly live: StoredApp | undefined;
  readonly applied: StoredApp;
  /** Set where others own fields that differ, which `kubectl apply --server-side` would not overwrite. */
  readonly conflict?: KubeError;
}

type Placed = WantedApp & { readonly metadata: ObjectRef };

/** What an App is, and what it would be once `fieldManager` applied it. Nothing is stored. Throws a KubeError. */
export async function dryRun(client: Client, wanted: Placed, fieldManager = kubectlManager): Promise<Outcome> {
  const apply = async (force: boolean) =>
    (await client.apply(apps, wanted, { fieldManager, force, dryRun: true })) as unknown as StoredApp;
  const live = await client.get<StoredApp>(apps, wanted.metadata).catch(undefinedIfNotFound);
  const lastApplied = live && lastAppliedOf(live.metadata.annotations);
  if (lastApplied && fieldManager === kubectlManager)
    return { live, applied: await patched(client, wanted, lastApplied) };
  try {
    return { live, applied: await apply(false) };
  } catch (error) {
    if (!isConflict(error)) throw error;
    return { live, applied: await apply(true), conflict: error as KubeError };
  }
}

/**
 * Of an App that is applied by the client (`kubectl apply` without `--server-side`), server-side apply alone would keep
 * what is no longer in the file: it has no owner who gives it up. Both ways of kubectl remove it.
 */
function patched(client: Client, { metadata, spec }: Placed, lastApplied: object): Promise<StoredApp> {
  const patch = threeWayPatch(partsOf(lastApplied), partsOf({ metadata, spec }));
  const query = 'dryRun=All&fieldValidation=Strict&fieldManager=kubectl-client-side-apply';
  return client.raw('PATCH', `${pathOf(apps, metadata)}?${query}`, patch);
}

function partsOf({ metadata, spec }: { metadata?: unknown; spec?: unknown }): Record<string, unknown> {
  const { labels, annotations } = isFields(metadata) ? metadata : {};
  return { metadata: { ...(isFields(labels) && { labels }), annotations: annotations ?? {} }, spec };
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
