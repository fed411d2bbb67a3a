import { Encrypter } from 'age-encryption';

/**
 * The public half of a sealing key, trimmed. Throws an Error with one line that says what to write instead; a private key
 * that was taken for it is not repeated.
 */
export function checkedPublicKey(text: string): string {
  const key = text.trim();
  if (/^AGE-SECRET-KEY-/i.test(key)) {
    throw new Error('this is a private key: give the public one, which begins with age1, and keep this one secret');
  }
  // Keys of other kinds (age1pq1…, age1tag1…) are longer; the operator makes none.
  if (!/^age1[02-9ac-hj-np-z]{58}$/.test(key) || !isRecipient(key)) {
    throw new Error('this is no public key of Airfield: write age1 and the 58 letters and digits that follow it');
  }
  return key;
}

/** Bech32 has a checksum, so that a letter that was mistyped is noticed. */
function isRecipient(key: string): boolean {
  try {
    new Encrypter().addRecipient(key);
    return true;
  } catch {
    return false;
  }
}
