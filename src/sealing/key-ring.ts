import { randomBytes } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';

/** One key pair: boxes are sealed with `publicKey` and opened with `identity`, both as age writes them. */
export interface SealingKey {
  readonly identity: string;
  readonly publicKey: string;
  /** RFC 3339, in whole seconds. */
  readonly createdAt: string;
}

/** All that the operator can open boxes with. Whoever has it can read all sealed values. */
export interface KeyRing {
  /** Newest first; never empty. */
  readonly keys: readonly SealingKey[];
  /** For digests, in hexadecimal. The same for ever: a new one would look as if all values had changed. */
  readonly digestKey: string;
}

export async function newKeyRing(now: Date): Promise<KeyRing> {
  return { keys: [await newKey(now)], digestKey: randomBytes(32).toString('hex') };
}

/** The ring with one more key, which is the newest even where the clock that `now` comes from is behind. */
export async function withNewKey(ring: KeyRing, now: Date): Promise<KeyRing> {
  const after = Date.parse(ring.keys[0]?.createdAt ?? '') + 1000;
  const key = await newKey(new Date(Math.max(now.getTime(), after || 0)));
  return { ...ring, keys: [key, ...ring.keys] };
}

async function newKey(now: Date): Promise<SealingKey> {
  const identity = await generateX25519Identity();
  return { identity, publicKey: await identityToRecipient(identity), createdAt: `${now.toISOString().slice(0, 19)}Z` };
}
