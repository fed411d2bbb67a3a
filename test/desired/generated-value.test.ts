import { describe, expect, it } from 'vitest';
import { generatedValue } from '../../src/desired/generated-value.ts';

/** Every byte in turn. */
function counting() {
  let next = 0;
  return (bytes: number) => Uint8Array.from({ length: bytes }, () => next++ % 256);
}

describe('a generated value', () => {
  it.each([
    ['alphanumeric', /^[A-Za-z0-9]{64}$/],
    ['hex', /^[0-9a-f]{64}$/],
    ['base64url', /^[A-Za-z0-9_-]{64}$/],
  ] as const)('of %s has what it says, and as much', (alphabet, form) => {
    expect(generatedValue({ length: 64, alphabet }, counting())).toMatch(form);
  });

  it.each([
    ['alphanumeric', 62],
    ['hex', 16],
    ['base64url', 64],
  ] as const)('of %s has each character as often as any other', (alphabet, count) => {
    const fair = 256 - (256 % count);
    const text = generatedValue({ length: fair * 4, alphabet }, counting());
    const often = new Set(Object.values(Object.groupBy([...text], (one) => one)).map((list) => list?.length));
    expect(often).toEqual(new Set([(fair * 4) / count]));
  });
});
