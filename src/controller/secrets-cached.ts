import type { ObservedCoreSecret, ObservedPod } from '../api/kubernetes.ts';
import type { Resource } from '../api/read.ts';
import type { SecretSpec, SecretStatus } from '../api/secret.ts';
import { type Kept, keptIn } from '../desired/core-secret.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Rival } from '../release/effective-secrets.ts';
import { redacted } from '../release/redaction.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import type { Caches, StoredObject } from './caches.ts';
import { namedApps } from './secret-index.ts';
import { isIntact } from './value-sources.ts';

type CoreSecret = ObservedCoreSecret & KubeObject;

/** The core Secret that a Secret has become; not one of the same name that is somebody else's. */
export function ownCoreSecret(
  { metadata: { namespace, name, uid } }: StoredObject,
  { coreSecrets }: Pick<Caches, 'coreSecrets'>,
): CoreSecret | undefined {
  const found = coreSecrets.store.get(`${namespace}/${name}`);
  return found?.metadata.ownerReferences?.some((owner) => owner.uid === uid) ? found : undefined;
}

/** By core Secret: these are read at every look. */
const read = new WeakMap<CoreSecret, Kept>();

/** What is in a core Secret; undefined where somebody has taken that away. */
export function keptOf(core: CoreSecret): Kept | undefined {
  const kept = read.get(core) ?? keptIn(core);
  if (kept) read.set(core, kept);
  return kept;
}

/** The Secrets that name an App, but for those that are being deleted. */
export function secretsNaming(app: string, { secrets }: Pick<Caches, 'secrets'>): StoredObject[] {
  return secrets.store.byIndex('app', app).filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** The Secrets that name an App that this one names, itself among them. */
export function rivalsOf(secret: StoredObject, caches: Pick<Caches, 'secrets'>): Rival[] {
  const all = namedApps(secret).flatMap((app) => secretsNaming(app, caches));
  return [...new Set(all)].map((stored) => {
    const { name, namespace, creationTimestamp: createdAt = '' } = stored.metadata;
    const { data = {} } = (stored.spec ?? {}) as { data?: object };
    const apps = namedApps(stored).map((key) => key.slice(`${namespace}/`.length));
    return { name, createdAt, apps, keys: Object.keys(data) };
  });
}

/**
 * A value that was in the core Secret before somebody deleted it, from what a release of one of its Apps has of it; in
 * base64. A value that was generated would else be lost for good.
 */
export function valueInCopies(
  secret: Resource<SecretSpec, SecretStatus>,
  key: string,
  ring: KeyRing,
  { coreSecrets }: Pick<Caches, 'coreSecrets'>,
): string | undefined {
  const { metadata, status } = secret;
  const digest = status.keys?.find(({ name, source }) => name === key && source === 'generate')?.digest;
  if (!digest) return undefined;
  const apps = secret.spec.apps ?? [metadata.name];
  const copies = apps.flatMap((app) => coreSecrets.store.byIndex('app', `${metadata.namespace}/${app}`));
  const values = copies.flatMap(({ data = {} }) => data[key] ?? []);
  return values.find((value) => isIntact(metadata, ring, { name: key, value, digest, source: '' }));
}

/** Pods of an App, of its Machines or its Schedules, as they may be told of: without values of its secrets. */
export function withoutSecrets<Pod extends ObservedPod>(
  pods: readonly Pod[],
  app: string,
  caches: Pick<Caches, 'secrets' | 'coreSecrets'>,
): Pod[] {
  return redacted(pods, () => {
    const copies = caches.coreSecrets.store.byIndex('app', app);
    const sources = secretsNaming(app, caches).flatMap((secret) => ownCoreSecret(secret, caches) ?? []);
    return [...copies, ...sources].flatMap(({ data = {} }) => Object.values(data));
  });
}
