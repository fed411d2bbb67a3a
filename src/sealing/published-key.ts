import type { KeyRing, SealingKey } from './key-ring.ts';

/** The core Secret that holds the key ring, in the namespace of the operator's Lease. */
export const keyRingSecretName = 'airfield-sealing-keys';

/** The ConfigMap beside it, for everybody who seals. */
export const publicKeyConfigMapName = 'airfield-sealing-key';

/** `data` of the ConfigMap: the key to seal for, and all that open boxes, newest first, with the time they were made. */
export function publishedData({ keys }: KeyRing): Record<string, string> {
  const line = ({ createdAt, publicKey }: SealingKey) => `${createdAt} ${publicKey}\n`;
  return { publicKey: keys[0]?.publicKey ?? '', publicKeys: keys.map(line).join('') };
}
