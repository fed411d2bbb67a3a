import type * as z from 'zod';
import type { Condition } from '../api/conditions.ts';
import { type Resource, read } from '../api/read.ts';
import type { Store } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import { onTheWay, stalled, withClaims } from '../status/claims.ts';
import type { StoredObject } from './caches.ts';
import type { Outcome, Reconcile } from './controller.ts';
import { isRefused } from './refused.ts';
import type { StatusWriter } from './status-writer.ts';
import { TerminalError } from './terminal-error.ts';

interface Status {
  observedGeneration: number;
  conditions?: Condition[] | undefined;
}

export interface ReconcilerOptions<Spec extends z.ZodType, S extends z.ZodType<Status>> {
  readonly store: Pick<Store<StoredObject>, 'get'>;
  readonly schemas: { readonly spec: Spec; readonly status: S };
  readonly status: Pick<StatusWriter, 'isBehind' | 'write'>;
  readonly now?: (() => Date) | undefined;
  /** Makes the children what they should be and gives back the status; `status` is written by the caller. */
  readonly reconcile: (work: Work<z.infer<Spec>, z.infer<S>>) => Promise<Reconciled<z.infer<S>>>;
}

export interface Work<Spec, S> extends Resource<Spec, S> {
  readonly key: string;
  readonly stored: StoredObject;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface Reconciled<S> extends Outcome {
  readonly status: S;
}

/**
 * What the reconciles of all kinds have in common: the object from the cache with its defaults, one status at the end, and
 * a failure that does not pass by itself told in the conditions. What is being deleted is collected by Kubernetes, through
 * the owner references.
 */
export function reconciler<Spec extends z.ZodType, S extends z.ZodType<Status>>(
  options: ReconcilerOptions<Spec, S>,
): Reconcile {
  const { store, schemas, status, reconcile, now: clock = () => new Date() } = options;
  return async (key, { signal }) => {
    const stored = store.get(key);
    if (!stored || stored.metadata.deletionTimestamp || status.isBehind(stored)) return undefined;
    const now = clock();
    const object = read(stored as StoredObject & KubeObject, schemas);
    try {
      if ('problem' in object) throw new TerminalError('Unreadable', object.problem);
      const { status: told, ...outcome } = await reconcile({ ...object, key, stored, now, signal });
      await status.write(stored, told, signal);
      return outcome;
    } catch (error) {
      const claims = claimsOfFailure(error);
      if (claims) await status.write(stored, withClaims(object, claims, now), signal);
      throw error;
    }
  };
}

/** What to say of a failure; nothing of one that passes by itself, such as a conflict or a lost connection. */
function claimsOfFailure(error: unknown) {
  if (error instanceof TerminalError) return stalled(error.reason, error.message);
  return isRefused(error) ? onTheWay('False', 'ApplyFailed', (error as Error).message) : undefined;
}
