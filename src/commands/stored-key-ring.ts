import type { Client } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import { secrets } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import { keyRingOfData, type SecretData } from '../sealing/key-ring-data.ts';
import { keyRingSecretName } from '../sealing/published-key.ts';

/** The key ring, and the core Secret as it was read. */
export interface StoredKeyRing {
  readonly object: KubeObject & { readonly data?: SecretData };
  readonly ring: KeyRing;
}

/** Throws an Error with one line that has nothing of a private key in it. */
export async function readKeyRing(client: Client, namespace: string): Promise<StoredKeyRing> {
  const where = `core Secret ${namespace}/${keyRingSecretName}`;
  const ref = { namespace, name: keyRingSecretName };
  const object = await client.get<StoredKeyRing['object']>(secrets, ref).catch((error) => {
    if (!isNotFound(error)) throw error;
    throw new Error(
      `there is no ${where}: start the operator, which makes it, or name its namespace with --operator-namespace`,
    );
  });
  try {
    return { object, ring: await keyRingOfData(object.data) };
  } catch (error) {
    throw new Error(`${where} cannot be used: ${(error as Error).message}; put it back from a backup first`);
  }
}

/** Compare-and-swap: of two rotations at the same time neither may lose the key of the other. */
export async function writeKeyRing(client: Client, { object }: StoredKeyRing, data: SecretData): Promise<void> {
  try {
    await client.replace(secrets, { ...object, data }, { fieldManager: 'airfield-rotate-key' });
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new Error('somebody else has just changed the keys, and nothing was changed here: look, and try again');
  }
}
