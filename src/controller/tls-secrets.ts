import type { ObservedCoreSecret } from '../api/kubernetes.ts';
import { originalOf, type TlsSecret } from '../desired/certificates.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import { secrets } from '../kube/resources.ts';
import { type Key, type KubeObject, splitKey } from '../kube/types.ts';
import type { Caches } from './caches.ts';

type CoreSecret = ObservedCoreSecret & KubeObject;

/**
 * The Secrets with certificates of Apps. Of those of others only the versions are watched; one is read again when it has
 * changed, and never as long as there is a copy of it as it is.
 */
export class TlsSecrets {
  readonly #client: Pick<Client, 'get'>;
  readonly #caches: Pick<Caches, 'sources' | 'certificates'>;
  /** What has been read and is not copied: because it cannot be served, or not yet. */
  readonly #read = new Map<Key, { version: string; secret: Promise<TlsSecret | undefined> }>();

  constructor(client: Pick<Client, 'get'>, caches: Pick<Caches, 'sources' | 'certificates'>) {
    this.#client = client;
    this.#caches = caches;
  }

  /** Undefined where there is none, or one that is Airfield's own. */
  async get(key: Key, signal: AbortSignal): Promise<TlsSecret | undefined> {
    const known = this.#caches.sources.store.get(key);
    const version = known && versionOf(known);
    const copied = this.#copies(key).find((copy) => copy.version === version);
    if (version === undefined || copied) {
      this.#read.delete(key);
      return copied;
    }
    const before = this.#read.get(key);
    if (before?.version === version) return before.secret;
    const secret = this.#readAt(key, signal);
    this.#read.set(key, { version, secret });
    // What failed is tried again by whoever asks next.
    secret.catch(() => this.#read.delete(key));
    return secret;
  }

  #copies(key: Key): TlsSecret[] {
    const copies = this.#caches.certificates?.store.byIndex('source', key) ?? [];
    return copies.flatMap((copy) => originalOf(copy) ?? []);
  }

  async #readAt(key: Key, signal: AbortSignal): Promise<TlsSecret | undefined> {
    try {
      const found = await this.#client.get<CoreSecret>(secrets, splitKey(key), { signal });
      const { 'tls.crt': crt = '', 'tls.key': tlsKey = '' } = found.data ?? {};
      const data = { 'tls.crt': crt, 'tls.key': tlsKey };
      return { name: found.metadata.name, version: versionOf(found), type: found.type, data };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

/** One that was deleted and made again is another one. */
const versionOf = ({ metadata }: KubeObject) => `${metadata.uid}/${metadata.resourceVersion}`;
