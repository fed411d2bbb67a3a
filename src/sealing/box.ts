import { armor, Decrypter, Encrypter, type Identity } from 'age-encryption';
import * as z from 'zod';
import type { KeyRing, SealingKey } from './key-ring.ts';
import { isSamePlace, type Place, placeText } from './place.ts';
import { checkedPublicKey } from './public-key.ts';
import { SealingError } from './sealing-error.ts';

export type { Place } from './place.ts';
export { SealingError } from './sealing-error.ts';

/** Names as Kubernetes has them: they are told in messages, and anybody can make a box. */
const name = z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/);

/** What a box holds. The place is inside, so that nobody who cannot open the box can give it another one. */
const envelopeSchema = z.object({ namespace: name, name, key: name, value: z.string() });

/** The value as age's ASCII armour, which only the operator can open, and only for this place. */
export async function seal(value: string, { namespace, name, key }: Place, publicKey: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(checkedPublicKey(publicKey));
  return armor.encode(await encrypter.encrypt(JSON.stringify({ namespace, name, key, value })));
}

export interface Opened {
  readonly value: string;
  /** Public half of the key that opened it. */
  readonly publicKey: string;
}

/** What `seal` has sealed. Throws a SealingError. */
export async function open(armour: string, place: Place, ring: KeyRing): Promise<Opened> {
  const { bytes, key } = await decrypt(armour, ring.keys);
  const envelope = envelopeOf(bytes);
  if (!isSamePlace(envelope, place)) {
    const texts = [placeText(envelope), placeText(place)];
    throw new SealingError(
      'OtherPlace',
      `it is sealed for ${texts[0]}, and opens nowhere else: seal the value for ${texts[1]} with \`airfield seal\``,
    );
  }
  return { value: envelope.value, publicKey: key.publicKey };
}

async function decrypt(armour: string, keys: readonly SealingKey[]): Promise<{ bytes: Uint8Array; key: SealingKey }> {
  let tried = 0;
  const failedOnce: Identity = {
    unwrapFileKey: () => {
      tried++;
      if (tried === keys.length) throw noKey();
      return null;
    },
  };
  const decrypter = new Decrypter();
  // One after the other, in this order: how often `failedOnce` was asked tells which key it was that fitted.
  for (const { identity } of keys) for (const one of [identity, failedOnce]) decrypter.addIdentity(one);
  try {
    return { bytes: await decrypter.decrypt(armor.decode(armour)), key: keys[tried]! };
  } catch (error) {
    throw error instanceof SealingError ? error : notABox();
  }
}

function envelopeOf(bytes: Uint8Array): z.infer<typeof envelopeSchema> {
  try {
    return envelopeSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    throw new SealingError(
      'NotABox',
      'it was encrypted by something else than `airfield seal`: seal the value with that',
    );
  }
}

const noKey = () =>
  new SealingError(
    'NoKey',
    'no key of this cluster opens it: it was sealed for another cluster, or its key is gone; seal the value again with `airfield seal`',
  );

const notABox = () =>
  new SealingError(
    'NotABox',
    'it is not what `airfield seal` prints, or was changed since: copy it again as a whole, from its line BEGIN to its line END, or seal the value again',
  );
