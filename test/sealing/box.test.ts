import { armor, Encrypter } from 'age-encryption';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { open, type Place, SealingError, seal } from '../../src/sealing/box.ts';
import { type KeyRing, newKeyRing, withNewKey } from '../../src/sealing/key-ring.ts';

const place: Place = { namespace: 'acme', name: 'hello', key: 'DATABASE_URL' };
const value = 'postgres://hello:hunter2@db/hello';
const now = new Date('2026-01-02T03:04:05Z');
let ring: KeyRing;
let box: string;

const publicKeyOf = ({ keys }: KeyRing) => keys[0]!.publicKey;

/** What is thrown; nothing else than a SealingError is allowed. */
async function refusal(armour: string, where = place, keys = ring): Promise<SealingError> {
  const error = await open(armour, where, keys).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(SealingError);
  return error as SealingError;
}

/** Something in age's armour that `seal` has not made. */
async function encrypted(text: string | Uint8Array): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(publicKeyOf(ring));
  return armor.encode(await encrypter.encrypt(text));
}

beforeAll(async () => {
  ring = await newKeyRing(now);
  box = await seal(value, place, publicKeyOf(ring));
});

describe('a sealed value', () => {
  it.each([
    ['a word', 'hunter2'],
    ['nothing', ''],
    ['lines', '-----BEGIN KEY-----\nMII=\n-----END KEY-----\n'],
    ['what JSON escapes', '"\\\t\u0000\u2028'],
    ['letters of everywhere', 'пароль 密码 🔑 \uFEFF'],
    ['64 KiB', 'x'.repeat(65_536)],
  ])('is what it was when it is opened: %s', async (_, text) => {
    const armour = await seal(text, place, publicKeyOf(ring));
    expect(await open(armour, place, ring)).toEqual({ value: text, publicKey: publicKeyOf(ring) });
  });

  it('is in a form that the schema of a Secret takes, and shows nothing of itself', () => {
    expect(box).toMatch(
      /^-----BEGIN AGE ENCRYPTED FILE-----\n([A-Za-z0-9+/]+={0,2}\n)+-----END AGE ENCRYPTED FILE-----\n$/,
    );
    const bytes = Buffer.from(armor.decode(box)).toString('latin1');
    for (const word of [value, 'hunter2', ...Object.values(place)]) expect(bytes).not.toContain(word);
  });

  it('is another text each time, so that equal values cannot be told', async () => {
    expect(await seal(value, place, publicKeyOf(ring))).not.toBe(box);
  });

  it('opens where the file it is in has ends of lines of Windows, and blanks around it', async () => {
    expect(await open(`\n${box.replaceAll('\n', '\r\n')}  \n`, place, ring)).toMatchObject({ value });
  });

  it.each([
    [{ namespace: 'other' }, 'DATABASE_URL of Secret other/hello'],
    [{ name: 'other' }, 'DATABASE_URL of Secret acme/other'],
    [{ key: 'OTHER' }, 'OTHER of Secret acme/hello'],
  ])('is refused in another place: %j', async (other, text) => {
    const { reason, message } = await refusal(box, { ...place, ...other });
    expect(reason).toBe('OtherPlace');
    expect(message).toBe(
      `it is sealed for DATABASE_URL of Secret acme/hello, and opens nowhere else: seal the value for ${text} with \`airfield seal\``,
    );
  });

  it('cannot be moved by what stands between the parts of its place', async () => {
    const moved = await seal(value, { namespace: 'a', name: 'b.c', key: 'd' }, publicKeyOf(ring));
    expect((await refusal(moved, { namespace: 'a', name: 'b', key: 'c.d' })).reason).toBe('OtherPlace');
  });
});

describe('keys', () => {
  it('that are old still open what was sealed for them, and tell which it was', async () => {
    const older = ring;
    const newer = await withNewKey(await withNewKey(older, now), now);
    expect(await open(box, place, newer)).toEqual({ value, publicKey: publicKeyOf(older) });
    const between = await seal(value, place, newer.keys[1]!.publicKey);
    expect((await open(between, place, newer)).publicKey).toBe(newer.keys[1]!.publicKey);
    expect((await refusal(await seal(value, place, publicKeyOf(newer)), place, older)).reason).toBe('NoKey');
  });

  it('of another cluster open nothing, and it is said what to do', async () => {
    const { reason, message } = await refusal(box, place, await newKeyRing(now));
    expect(reason).toBe('NoKey');
    expect(message).toContain(
      'sealed for another cluster, or its key is gone; seal the value again with `airfield seal`',
    );
  });

  it.each([
    ['a typing error', (key: string) => `${key.slice(0, -1)}${key.endsWith('q') ? 'p' : 'q'}`],
    ['half a key', (key: string) => key.slice(0, 30)],
    ['nothing', () => ''],
    ['a key of another kind', () => `age1pq1${'q'.repeat(100)}`],
  ])('that are none seal nothing: %s', async (_, change) => {
    await expect(seal(value, place, change(publicKeyOf(ring)))).rejects.toThrow(/^this is no public key of Airfield/);
  });

  it('that are private are not taken for public ones, nor repeated', async () => {
    const { identity } = ring.keys[0]!;
    const error: Error = await seal(value, place, identity).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(error.message).toBe(
      'this is a private key: give the public one, which begins with age1, and keep this one secret',
    );
  });
});

describe('what is no box', () => {
  it.each([
    ['something else', () => 'hunter2'],
    ['nothing', () => ''],
    ['a box that was cut off', () => box.slice(0, 200)],
    ['a box without a line', () => box.split('\n').toSpliced(2, 1).join('\n')],
    ['a box with more at its end', () => `${box}more`],
    ['armour around nothing', () => armor.encode(new Uint8Array())],
  ])('is refused, with what to do: %s', async (_, make) => {
    const { reason, message } = await refusal(make());
    expect(reason).toBe('NotABox');
    expect(message).toMatch(/^it is not what `airfield seal` prints, or was changed since: copy it again as a whole/);
  });

  it.each([
    ['text', value],
    ['JSON of something else', JSON.stringify({ password: value })],
    ['a place without a value', JSON.stringify(place)],
    ['a place that no Secret can have', JSON.stringify({ ...place, name: value, value })],
    ['a value that is no text', JSON.stringify({ ...place, value: 5 })],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe)],
  ])('is refused where it was encrypted with age itself: %s', async (_, content) => {
    const error = await refusal(await encrypted(content));
    expect(error.reason).toBe('NotABox');
    expect(error.message).toBe('it was encrypted by something else than `airfield seal`: seal the value with that');
    // Errors of JSON.parse quote what they were given, and logs print causes.
    expect(error.cause).toBeUndefined();
  });

  it('is always told by a SealingError that has nothing of the value in it, whatever was changed', async () => {
    const letters = fc.constantFrom(...'ABab01+/=-\n \u0000é');
    const change = fc.record({
      at: fc.nat({ max: box.length }),
      remove: fc.nat({ max: 3 }),
      insert: fc.string({ unit: letters, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const broken = changes.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          box,
        );
        fc.pre(broken.trim().replaceAll('\r', '') !== box.trim());
        const { message } = await refusal(broken);
        expect(message).not.toMatch(/hunter2|postgres/);
      }),
      { numRuns: 300 },
    );
  });

  it('is noticed wherever one bit of it is turned', async () => {
    const bytes = armor.decode(box);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 1 }), async (bit) => {
        const turned = Uint8Array.from(bytes);
        turned[bit >> 3]! ^= 1 << (bit & 7);
        expect((await refusal(armor.encode(turned))).message).not.toMatch(/hunter2|postgres/);
      }),
      { numRuns: 300 },
    );
  });
});

it('any value opens as what it was, at any place', async () => {
  const name = fc.stringMatching(/^[-._a-zA-Z0-9]{1,20}$/);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), name, name, name, async (text, namespace, name, key) => {
      const where = { namespace, name, key };
      expect((await open(await seal(text, where, publicKeyOf(ring)), where, ring)).value).toBe(text);
    }),
    { numRuns: 50 },
  );
});
