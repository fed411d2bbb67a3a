import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, overlay } from '../../src/controller/drift.ts';

const twoChecks = [
  { type: 'http', path: '/a', tlsServerName: 'a' },
  { type: 'http', path: '/b' },
];

describe('whether an object says everything that is desired', () => {
  it.each([
    ['the same', { a: 1, b: ['x'] }, { a: 1, b: ['x'] }, true],
    ['a default of the API server', { a: 1, b: { c: 'Always' } }, { a: 1 }, true],
    [
      'a default within an element',
      { ports: [{ port: 80, protocol: 'TCP', nodePort: 3 }] },
      { ports: [{ port: 80 }] },
      true,
    ],
    [
      'what the API server fills into a list key',
      { ports: [{ containerPort: 80, protocol: 'TCP' }] },
      { ports: [{ containerPort: 80 }] },
      true,
    ],
    ['an empty list that the API server leaves out', {}, { ingress: [] }, true],
    [
      'an empty string that the API server leaves out',
      { env: [{ name: 'a' }] },
      { env: [{ name: 'a', value: '' }] },
      true,
    ],
    ['a false that is missing', {}, { automountServiceAccountToken: false }, false],
    ['a field that is desired to be absent', { a: 1 }, { a: 1, b: undefined }, true],
    [
      'a map list in another order',
      {
        env: [
          { name: 'b', value: '2' },
          { name: 'a', value: '1' },
        ],
      },
      {
        env: [
          { name: 'a', value: '1' },
          { name: 'b', value: '2' },
        ],
      },
      true,
    ],
    ['elements of the same type', { checks: twoChecks }, { checks: twoChecks }, true],
    ['elements of the same type in another order', { checks: twoChecks.toReversed() }, { checks: twoChecks }, false],
    ['a changed value', { a: 2 }, { a: 1 }, false],
    ['a missing value', {}, { a: 1 }, false],
    ['a value of another type', { a: '1' }, { a: 1 }, false],
    ['a map where a list is desired', { a: {} }, { a: ['x'] }, false],
    ['an added element', { env: [{ name: 'a' }, { name: 'x' }] }, { env: [{ name: 'a' }] }, false],
    ['an element added to what is desired empty', { ingress: [{}] }, { ingress: [] }, false],
    ['a missing element', { env: [] }, { env: [{ name: 'a' }] }, false],
    ['a renamed element', { env: [{ name: 'x', value: '1' }] }, { env: [{ name: 'a', value: '1' }] }, false],
    ['a list of plain values in another order', { command: ['b', 'a'] }, { command: ['a', 'b'] }, false],
    [
      'another protocol on the same port',
      { ports: [{ port: 53, protocol: 'TCP' }] },
      { ports: [{ port: 53, protocol: 'UDP' }] },
      false,
    ],
  ])('%s', (_, actual, desired, expected) => {
    expect(covers(actual as never, desired as never)).toBe(expected);
  });

  it.each([
    ['of the same number', { port: 53, protocol: 'UDP', name: 'u' }, { port: 53, protocol: 'TCP', name: 't' }],
    ['of the same protocol', { port: 80, protocol: 'TCP', name: 'a' }, { port: 443, protocol: 'TCP', name: 'b' }],
  ])('tells apart two ports %s', (_, one, other) => {
    expect(covers({ ports: [other, one] }, { ports: [one, other] })).toBe(true);
    expect(overlay({ ports: [other, one] }, { ports: [one, other] })).toEqual({ ports: [one, other] });
  });
});

describe('what is desired, laid over what is there', () => {
  it('keeps what nobody asked about', () => {
    const actual = { metadata: { resourceVersion: '7' }, spec: { replicas: 1, paused: false } };
    expect(overlay(actual, { spec: { replicas: 2 } })).toEqual({
      metadata: { resourceVersion: '7' },
      spec: { replicas: 2, paused: false },
    });
  });

  it('takes foreign elements out of lists and keeps the defaults of its own', () => {
    const actual = {
      env: [
        { name: 'x', value: '!' },
        { name: 'a', value: '2', fromServer: true },
      ],
    };
    expect(overlay(actual, { env: [{ name: 'a', value: '1' }] })).toEqual({
      env: [{ name: 'a', value: '1', fromServer: true }],
    });
  });

  it('changes neither of the two', () => {
    const actual = Object.freeze({ env: Object.freeze([Object.freeze({ name: 'x' })]) });
    const desired = Object.freeze({ env: Object.freeze([Object.freeze({ name: 'a' })]) });
    overlay(actual as never, desired as never);
    expect([actual, desired]).toEqual([{ env: [{ name: 'x' }] }, { env: [{ name: 'a' }] }]);
  });

  it('always says everything that is desired, and is itself when laid over again', () => {
    const named = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: fc.nat(2) }), {
      selector: ({ name }) => name,
    });
    const plain = fc.oneof(fc.nat(3), fc.string({ maxLength: 2 }), fc.boolean(), fc.array(fc.nat(3), { maxLength: 3 }));
    const tree = fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.oneof(plain, named, fc.record({ inner: named })));
    fc.assert(
      fc.property(tree, tree, (actual, desired) => {
        const laid = overlay(actual, desired);
        expect(covers(laid, desired)).toBe(true);
        expect(overlay(laid, desired)).toEqual(laid);
      }),
    );
  });
});
