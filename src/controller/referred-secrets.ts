import type { ObservedCoreSecret } from '../api/kubernetes.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import { secrets } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Caches } from './caches.ts';

/** The core Secrets that a Secret has values from. */
export interface ReferredSecrets {
  /** Changes whenever the core Secret does; undefined where there is none. */
  versionOf(name: string): string | undefined;
  /** What is in it, read once; undefined where it is gone by now. */
  read(name: string): Promise<ReferredSecret | undefined>;
}

export interface ReferredSecret {
  readonly version: string;
  /** In base64. */
  readonly data: Readonly<Record<string, string>>;
}

type CoreSecret = ObservedCoreSecret & KubeObject;

/** Those of a namespace: Airfield's own from the cache, the values of others from the API server. */
export function referredSecrets(
  namespace: string,
  { coreSecrets, sources }: Pick<Caches, 'coreSecrets' | 'sources'>,
  client: Pick<Client, 'get'>,
  signal?: AbortSignal,
): ReferredSecrets {
  const reads = new Map<string, Promise<ReferredSecret | undefined>>();
  const own = (name: string) => coreSecrets.store.get(`${namespace}/${name}`);
  const fetched = async (name: string) => {
    const known = own(name);
    if (known) return readOf(known);
    try {
      return readOf(await client.get<CoreSecret>(secrets, { namespace, name }, signal && { signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    versionOf(name) {
      const found = own(name) ?? sources.store.get(`${namespace}/${name}`);
      return found && versionOf(found);
    },
    read(name) {
      const read = reads.get(name) ?? fetched(name);
      reads.set(name, read);
      return read;
    },
  };
}

/** One that was deleted and made again is another one. */
const versionOf = ({ metadata }: KubeObject) => `${metadata.uid}/${metadata.resourceVersion}`;
const readOf = (secret: CoreSecret): ReferredSecret => ({ version: versionOf(secret), data: secret.data ?? {} });
