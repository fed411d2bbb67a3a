import type { App } from '../api/app.ts';
import type { Release } from '../api/release.ts';
import type { SecretStatus } from '../api/secret.ts';
import type { Kept, KeptValue } from '../desired/core-secret.ts';
import { unknownSecrets } from '../desired/secret-values.ts';
import type { Key } from '../kube/types.ts';
import { effectiveSecrets, type NamedSecret } from '../release/effective-secrets.ts';
import type { AppSecret } from '../release/secrets.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import type { Failure } from '../status/claims.ts';
import type { Caches, StoredObject } from './caches.ts';
import type { SealingKeys } from './sealing-keys.ts';
import { keptOf, ownCoreSecret, secretsNaming } from './secrets-cached.ts';
import { mostBytes } from './value-limits.ts';
import { isIntact } from './value-sources.ts';

/** The secrets of an App, by name, with their values by variable in base64. */
export interface AppSecrets {
  readonly secrets: readonly AppSecret[];
  readonly data: Readonly<Record<string, string>>;
}

/** `late`: a Secret is being worked on, and its core Secret will tell. Or why there are no values of one. */
type Unknown = 'late' | Failure;

export interface SecretsFound {
  readonly known?: AppSecrets | undefined;
  /** Why no release can be made with what there is. */
  readonly held?: Failure | undefined;
}

export interface SecretsOfApp {
  readonly key: Key;
  readonly app: App;
  readonly caches: Caches;
  readonly keys: Pick<SealingKeys, 'ring'>;
}

/** What a release of an App can be made with; `late` where a Secret is being worked on. */
export async function secretsOfApp(
  { key, app, caches, keys }: SecretsOfApp,
  releases: readonly Release[],
): Promise<SecretsFound | 'late'> {
  // Without the keys values cannot be checked, which is told by the Secrets; an App goes on with what there is.
  const ring = await keys.ring().catch(() => undefined);
  const found = appSecrets(key, caches, ring);
  if (found === 'late') return found;
  if ('reason' in found) return { held: found };
  const held = secretsProblem(app, releases, found);
  return held ? { held } : { known: found };
}

interface Realised extends NamedSecret {
  readonly values: readonly KeptValue[];
}

/**
 * What the Secrets of an App have for it. One that has changed is waited for, so that it makes one release however many of
 * its keys did; one that cannot be realised any more is taken as it was.
 */
export function appSecrets(app: string, caches: Caches, ring: KeyRing | undefined): AppSecrets | Unknown {
  const found = secretsNaming(app, caches).map((stored) => realisedSecret(stored, caches, ring));
  const unknown = found.filter((one) => one === 'late' || 'reason' in one);
  if (unknown.length > 0) return unknown.find((one) => one === 'late') ?? (unknown[0] as Failure);
  const realised = found as Realised[];
  const secrets = effectiveSecrets(realised);
  const values = secrets.flatMap(({ name, keys }) => {
    const own = realised.find((secret) => secret.name === name)?.values ?? [];
    return own.filter((value) => keys.includes(value.name)).map(({ name: key, value }) => [key, value] as const);
  });
  return tooLarge(values) ?? { secrets, data: Object.fromEntries(values) };
}

function secretsProblem({ spec }: App, releases: readonly Release[], secrets: AppSecrets): Failure | undefined {
  const source = releases.find(({ version }) => version === spec.deploy.rollbackTo);
  const message = unknownSecrets(source?.spec ?? spec, [...secrets.secrets]);
  return message ? { reason: 'NoSuchSecret', message } : undefined;
}

function realisedSecret(stored: StoredObject, caches: Caches, ring: KeyRing | undefined): Realised | Unknown {
  const { name, namespace = '', creationTimestamp: createdAt = '', generation } = stored.metadata;
  const core = ownCoreSecret(stored, caches);
  const kept = core && keptOf(core);
  const failure = kept?.generation === generation ? undefined : failureOf(stored);
  if (kept?.generation !== generation && !failure) return 'late';
  if (!kept) return { reason: 'SecretNotReady', message: `Secret ${name} has no values: ${failure?.message}` };
  if (ring && !isWhole(kept, { namespace, name }, ring)) return 'late';
  const { staged = false } = (stored.spec ?? {}) as { staged?: boolean };
  return { name, createdAt, staged, keys: kept.values, values: kept.values };
}

/** Why the Secret as it is now cannot be realised, if that is known. */
function failureOf({ metadata, status }: StoredObject): Failure | undefined {
  const { observedGeneration, conditions = [] } = (status ?? {}) as Partial<SecretStatus>;
  if (observedGeneration !== metadata.generation) return undefined;
  return conditions.find(({ type, status }) => type === 'Ready' && status === 'False');
}

/** Counting digests again at every look would be the most work of it. */
const whole = new WeakMap<Kept, { readonly ring: KeyRing; readonly isWhole: boolean }>();

/** Values that somebody has changed by hand are put back in a moment, and must not become a release's before that. */
function isWhole(kept: Kept, metadata: { namespace: string; name: string }, ring: KeyRing): boolean {
  const known = whole.get(kept);
  if (known?.ring === ring) return known.isWhole;
  const isWhole = kept.values.every((value) => isIntact(metadata, ring, value));
  whole.set(kept, { ring, isWhole });
  return isWhole;
}

function tooLarge(values: readonly (readonly [string, string])[]): Failure | undefined {
  const bytes = values.reduce((sum, [, value]) => sum + Buffer.byteLength(value, 'base64'), 0);
  if (bytes <= mostBytes) return undefined;
  const message = `the Secrets of the App have ${bytes} bytes together, and an App may have 1 MiB: put large values into core Secrets of their own and into files by \`files[].secretKeyRef\``;
  return { reason: 'SecretsTooLarge', message };
}
