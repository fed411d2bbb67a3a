import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ulid } from '../../src/desired/ulid.ts';

it('has the time in its first ten characters, as the specification writes it', () => {
  expect(ulid(new Date(1469918176385), 'x').slice(0, 10)).toBe('01ARYZ6S41');
});

it('is 26 characters of the alphabet, the same for the same, and another for another seed', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), noInvalidDate: true }), fc.string(), fc.string(), (time, one, other) => {
      expect(ulid(time, one)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
      expect(ulid(time, one) === ulid(time, other)).toBe(one === other);
    }),
  );
});

it('sorts by time', () => {
  const times = fc.integer({ min: 0, max: 2 ** 47 });
  fc.assert(
    fc.property(times, times, fc.string(), fc.string(), (a, b, one, other) => {
      fc.pre(a < b);
      expect(ulid(new Date(a), one) < ulid(new Date(b), other)).toBe(true);
    }),
  );
});
