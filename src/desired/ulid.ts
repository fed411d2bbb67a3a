import { createHash } from 'node:crypto';

/** Crockford's base 32: without the letters that look like others (https://www.crockford.com/base32.html). */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A ULID (https://github.com/ulid/spec): 26 characters that sort by time. What is random in others comes from `seed`, so
 * the same time and seed make the same one.
 */
export function ulid(time: Date, seed: string): string {
  const chance = createHash('sha256').update(seed).digest().subarray(0, 10);
  return base32(BigInt(time.getTime()), 10) + base32(BigInt(`0x${chance.toString('hex')}`), 16);
}

function base32(value: bigint, length: number): string {
  const places = Array.from({ length }, (_, index) => BigInt(5 * (length - 1 - index)));
  return places.map((shift) => digits[Number((value >> shift) & 31n)]).join('');
}
