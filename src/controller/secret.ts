import { randomBytes } from 'node:crypto';
import { secretSpecSchema, secretStatusSchema } from '../api/secret.ts';
import { coreSecret } from '../desired/core-secret.ts';
import type { Random } from '../desired/generated-value.ts';
import type { Client } from '../kube/client.ts';
import type { KubeObject } from '../kube/types.ts';
import { keyConflicts } from '../release/effective-secrets.ts';
import { onTheWay, ready, stalled } from '../status/claims.ts';
import { appsOf, realised, secretStatus } from '../status/secret.ts';
import type { Children } from './apply.ts';
import type { Caches } from './caches.ts';
import type { Reconcile } from './controller.ts';
import { type Reconciled, reconciler, type Work } from './reconciler.ts';
import { referredSecrets } from './referred-secrets.ts';
import type { SealingKeys } from './sealing-keys.ts';
import { keptOf, ownCoreSecret, rivalsOf, valueInCopies } from './secrets-cached.ts';
import type { StatusWriter } from './status-writer.ts';
import type { ValueProblem } from './value-limits.ts';
import { valuesOf } from './value-sources.ts';

export interface SecretControllerOptions {
  readonly client: Pick<Client, 'get'>;
  readonly caches: Caches;
  readonly children: Children;
  readonly status: StatusWriter;
  readonly keys: Pick<SealingKeys, 'ring'>;
  readonly random?: Random;
  readonly now?: () => Date;
}

const schemas = { spec: secretSpecSchema, status: secretStatusSchema };
type Spec = typeof schemas.spec._output;
type Status = typeof schemas.status._output;

/** Makes the core Secret of a Secret what it should be, and its status what it is. */
export function secretReconciler(options: SecretControllerOptions): Reconcile {
  const { caches, status, now } = options;
  return reconciler({
    store: caches.secrets.store,
    schemas,
    status,
    now,
    reconcile: (work) => realise(work, options),
  });
}

/** All values or none: as long as one cannot be had, the core Secret stays as it was, whole. */
async function realise(
  work: Work<Spec, Status>,
  { client, caches, children, keys, random = randomBytes }: SecretControllerOptions,
): Promise<Reconciled<Status>> {
  const { metadata, spec, stored, now, signal } = work;
  const ring = await keys.ring();
  // The keys are being made; this is woken when they are there.
  if (!ring) return { status: work.status, requeueAfterMs: 1000 };
  const core = ownCoreSecret(stored, caches);
  const before = core && keptOf(core);
  const { values, problems } = await valuesOf(spec, {
    metadata,
    ring,
    kept: new Map((before?.values ?? []).map((value) => [value.name, value])),
    stored: (key) => core?.data?.[key] ?? valueInCopies(work, key, ring, caches),
    referred: referredSecrets(metadata.namespace, caches, client, signal),
    random,
  });
  const conflicts = keyConflicts({ ...rival(work), keys: Object.keys(spec.data) }, rivalsOf(stored, caches));
  const about = { conflicts, newestKey: ring.keys[0]?.publicKey ?? '' };
  if (problems.length > 0) {
    const claims = claimsOf(problems);
    return { status: secretStatus(work, { ...about, values: before?.values ?? [], claims }, now) };
  }
  const desired = coreSecret(metadata, values) as KubeObject;
  await children.apply(stored, [desired], core ? [core] : [], signal);
  return { status: secretStatus(work, { ...about, values, claims: ready('Realised', realised(values.length)) }, now) };
}

function rival(work: Work<Spec, Status>) {
  const { name, creationTimestamp: createdAt = '' } = work.metadata;
  return { name, createdAt, apps: appsOf(work) };
}

/** What somebody has to mend goes before what is only waited for. */
function claimsOf(problems: readonly ValueProblem[]) {
  const [first] = problems.filter(({ waits }) => !waits);
  const message = problems.map((problem) => problem.message).join('; ');
  return first ? stalled(first.reason, message) : onTheWay('False', problems[0]?.reason ?? '', message);
}
