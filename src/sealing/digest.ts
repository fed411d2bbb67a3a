import { createHmac } from 'node:crypto';
import type { KeyRing } from './key-ring.ts';

/**
 * 16 hexadecimal digits that change when a part changes. Without the key nobody can find out by trying whether a value is
 * the one that they think of, as with a plain hash of a short password.
 */
export function digest({ digestKey }: Pick<KeyRing, 'digestKey'>, ...parts: readonly string[]): string {
  // As JSON, so that ('ab', 'c') and ('a', 'bc') differ.
  const text = JSON.stringify(parts);
  return createHmac('sha256', Buffer.from(digestKey, 'hex')).update(text).digest('hex').slice(0, 16);
}
