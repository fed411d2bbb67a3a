import type { Client } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import type { Log } from '../kube/log.ts';
import { configMaps, secrets } from '../kube/resources.ts';
import { type Key, type KubeObject, keyOf } from '../kube/types.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import { keyRingOfData, type SecretData } from '../sealing/key-ring-data.ts';
import { keyRingSecretName, publicKeyConfigMapName } from '../sealing/published-key.ts';
import { TerminalError } from './terminal-error.ts';

/** A core Secret or a ConfigMap. */
export interface DataObject extends KubeObject {
  readonly data?: SecretData;
  readonly type?: string;
}

export interface SealingKeysOptions {
  readonly client: Pick<Client, 'list' | 'watch'>;
  /** Where the keys are: that of the operator's Lease. */
  readonly namespace: string;
  readonly log: Log;
}

/** The operator's sealing keys as the cluster has them. What there should be is made by `sealingKeysReconciler`. */
export class SealingKeys {
  /** Of the core Secret with the keys. */
  readonly key: Key;
  readonly namespace: string;
  readonly #secret: Informer<DataObject>;
  readonly #configMap: Informer<DataObject>;
  #read: { readonly of: DataObject; readonly ring: Promise<KeyRing> } | undefined;
  #lastGood: KeyRing | undefined;

  constructor({ client, namespace, log }: SealingKeysOptions) {
    const one = (name: string) => ({ client, namespace, log, fieldSelector: `metadata.name=${name}` });
    this.namespace = namespace;
    this.key = keyOf({ namespace, name: keyRingSecretName });
    this.#secret = new Informer({ ...one(keyRingSecretName), resource: secrets });
    this.#configMap = new Informer({ ...one(publicKeyConfigMapName), resource: configMaps });
  }

  /** To be started, and to have synced, before anything else here is used. */
  get informers(): readonly Informer<KubeObject>[] {
    return [this.#secret, this.#configMap] as unknown as Informer<KubeObject>[];
  }

  /** Calls back when there are other keys. Add handlers before the informers start. */
  onChange(handler: () => void): void {
    this.#secret.onChange(handler);
  }

  /** Calls back when somebody has changed what is published. */
  onPublished(handler: () => void): void {
    this.#configMap.onChange(handler);
  }

  /** Whether the core Secret is there, whatever is in it. */
  get isStored(): boolean {
    return this.#secret.store.get(this.key) !== undefined;
  }

  /** The ConfigMap, where it is there. */
  get published(): DataObject | undefined {
    return this.#configMap.store.get(keyOf({ namespace: this.namespace, name: publicKeyConfigMapName }));
  }

  /**
   * All keys; those of before where the core Secret was deleted a moment ago; undefined where none have been made yet, and
   * `onChange` will tell. Throws TerminalError `SealingKeyUnreadable` where there were keys and they cannot be used.
   */
  async ring(): Promise<KeyRing | undefined> {
    const stored = this.#secret.store.get(this.key);
    if (!stored && this.published && !this.#lastGood) throw unreadable(lost(this));
    if (!stored) return this.#lastGood;
    if (this.#read?.of !== stored) this.#read = { of: stored, ring: keyRingOfData(stored.data) };
    const read = this.#read;
    try {
      const ring = await read.ring;
      // Not those of before, where they have changed in the meantime.
      if (this.#read === read) this.#lastGood = ring;
      return ring;
    } catch (error) {
      throw unreadable(
        `core Secret ${this.key} cannot be used: ${(error as Error).message}; put it back from a backup`,
      );
    }
  }
}

const unreadable = (message: string) => new TerminalError('SealingKeyUnreadable', message);

/** Keys made anew would open nothing, and nobody would be told why. */
const lost = ({ key, namespace }: SealingKeys) =>
  `core Secret ${key} is gone, and with it the keys that values are sealed for: put it back from a backup; or, to begin anew and seal all values again, delete ConfigMap ${namespace}/${publicKeyConfigMapName}`;
