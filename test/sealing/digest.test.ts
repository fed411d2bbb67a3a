import { expect, it } from 'vitest';
import { digest } from '../../src/sealing/digest.ts';
import { newKeyRing, withNewKey } from '../../src/sealing/key-ring.ts';

const now = new Date('2026-01-02T03:04:05Z');
const key = { digestKey: '00'.repeat(32) };

it('a digest is 16 hexadecimal digits, the same for the same parts for ever', () => {
  expect(digest(key, 'DATABASE_URL', 'hunter2')).toBe('7643605eec3c3922');
});

it('a digest tells values, keys of digests and the borders of parts apart', () => {
  const other = { digestKey: '01'.repeat(32) };
  const digests = [
    digest(key, 'ab', 'c'),
    digest(key, 'a', 'bc'),
    digest(key, 'abc'),
    digest(key),
    digest(key, ''),
    digest(other, 'ab', 'c'),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

it('a digest is the same after a rotation, so that it does not look as if values had changed', async () => {
  const ring = await newKeyRing(now);
  expect(digest(await withNewKey(ring, now), 'x')).toBe(digest(ring, 'x'));
});
