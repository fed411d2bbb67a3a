import { describe, expect, it } from 'vitest';
import { type KeyRing, newKeyRing, withNewKey } from '../../src/sealing/key-ring.ts';
import { dataOfKeyRing, keyRingOfData } from '../../src/sealing/key-ring-data.ts';
import { publishedData } from '../../src/sealing/published-key.ts';

const at = (time: string) => new Date(`2026-01-02T${time}Z`);
const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text = '') => Buffer.from(text, 'base64').toString();

async function ringOfThree(): Promise<KeyRing> {
  return withNewKey(await withNewKey(await newKeyRing(at('03:00:00')), at('04:00:00')), at('05:00:00'));
}

describe('a key ring', () => {
  it('has the newest key first, and keeps its digest key', async () => {
    const first = await newKeyRing(at('03:04:05.678'));
    expect(first.keys.map(({ createdAt }) => createdAt)).toEqual(['2026-01-02T03:04:05Z']);
    const second = await withNewKey(first, at('04:00:00'));
    expect(second.keys.map(({ createdAt }) => createdAt)).toEqual(['2026-01-02T04:00:00Z', '2026-01-02T03:04:05Z']);
    expect(second.keys[1]).toEqual(first.keys[0]);
    expect(second.digestKey).toBe(first.digestKey);
  });

  it('is another one each time', async () => {
    const [a, b] = [await newKeyRing(at('03:00:00')), await newKeyRing(at('03:00:00'))];
    expect(a.keys[0]!.identity).not.toBe(b.keys[0]!.identity);
    expect(a.digestKey).not.toBe(b.digestKey);
  });

  it('has a new key as its newest where the clock is behind', async () => {
    const ring = await withNewKey(await newKeyRing(at('03:00:00')), at('02:00:00'));
    expect(ring.keys[0]!.createdAt).toBe('2026-01-02T03:00:01Z');
    expect(await keyRingOfData(dataOfKeyRing(ring))).toEqual(ring);
  });
});

describe('the core Secret of a key ring', () => {
  it('gives the ring back, in whatever order its entries are', async () => {
    const ring = await ringOfThree();
    const data = dataOfKeyRing(ring);
    expect(await keyRingOfData(data)).toEqual(ring);
    expect(await keyRingOfData(Object.fromEntries(Object.entries(data).reverse()))).toEqual(ring);
  });

  it('has an entry for each key that is called as the public one, as age-keygen writes it', async () => {
    const ring = await newKeyRing(at('03:00:00'));
    const [{ publicKey, identity }] = ring.keys as [KeyRing['keys'][number]];
    const data = dataOfKeyRing(ring);
    expect(Object.keys(data)).toEqual(['digest-key', publicKey]);
    expect(decode(data[publicKey])).toBe(`# created: 2026-01-02T03:00:00Z\n# public key: ${publicKey}\n${identity}\n`);
    for (const name of Object.keys(data)) expect(name).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
  });

  it('may have other entries, and a key that was put in by hand', async () => {
    const ring = await newKeyRing(at('03:00:00'));
    const [{ publicKey, identity }] = ring.keys as [KeyRing['keys'][number]];
    const file = `# created: 2026-01-02T05:00:00+02:00\r\n# public key: ${publicKey}\r\n${identity}\r\n`;
    const data = { note: encode('mine'), [publicKey]: encode(file), 'digest-key': encode(ring.digestKey) };
    expect(await keyRingOfData(data)).toEqual(ring);
  });

  it.each<[string, (data: Record<string, string>, ring: KeyRing) => Record<string, string>, RegExp]>([
    ['no data', () => ({}), /^its entry digest-key is missing$/],
    ['no digest key', ({ 'digest-key': _, ...rest }) => rest, /^its entry digest-key is missing$/],
    ['half a digest key', (data) => ({ ...data, 'digest-key': encode('abc') }), /^its entry digest-key is not 64 hex/],
    ['no key', (data) => ({ 'digest-key': data['digest-key']! }), /^it has no key: an entry that begins with age1$/],
    [
      'an empty key',
      (data, { keys }) => ({ ...data, [keys[0]!.publicKey]: '' }),
      /^its entry age1\w+ has no private key: a line that begins with AGE-SECRET-KEY-1$/,
    ],
    [
      'half a key',
      (data, { keys }) => ({ ...data, [keys[0]!.publicKey]: encode(decode(data[keys[0]!.publicKey]).slice(0, 150)) }),
      /^its entry age1\w+ has no private key/,
    ],
    [
      'a key under the name of another',
      (data, { keys }) => ({ ...data, [keys[0]!.publicKey]: data[keys[1]!.publicKey]! }),
      /^its entry age1\w+ has the private key of another public key$/,
    ],
    [
      'a key without a time',
      (data, { keys: [key] }) => ({ ...data, [key!.publicKey]: encode(key!.identity) }),
      /^its entry age1\w+ has no line `# created: <time>`$/,
    ],
  ])('that is broken is refused with the entry, and nothing of what is in it: %s', async (_, change, message) => {
    const ring = await ringOfThree();
    const error: Error = await keyRingOfData(change(dataOfKeyRing(ring), ring)).then(
      () => expect.unreachable(),
      (e) => e,
    );
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/AGE-SECRET-KEY-1\w/);
    expect(error.message).not.toContain(ring.digestKey);
  });
});

describe('what is published', () => {
  it('has the newest public key, all with their times, and nothing that is private', async () => {
    const ring = await ringOfThree();
    const data = publishedData(ring);
    const [first, second, third] = ring.keys.map(({ publicKey }) => publicKey);
    expect(data).toEqual({
      publicKey: first,
      publicKeys: `2026-01-02T05:00:00Z ${first}\n2026-01-02T04:00:00Z ${second}\n2026-01-02T03:00:00Z ${third}\n`,
    });
  });
});
