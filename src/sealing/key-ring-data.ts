import { identityToRecipient } from 'age-encryption';
import type { KeyRing, SealingKey } from './key-ring.ts';

/** `data` of a core Secret: each value in base64. */
export type SecretData = Readonly<Record<string, string>>;

const digestEntry = 'digest-key';
const isKeyEntry = (name: string) => name.startsWith('age1');

/**
 * The ring as `data` of a core Secret: `digest-key`, and for each key an entry that is called as its public half and is a
 * file for `age --identity`, so that boxes can be opened where there is no operator any more.
 */
export function dataOfKeyRing({ keys, digestKey }: KeyRing): Record<string, string> {
  const entries = keys.map((key): [string, string] => [key.publicKey, base64(identityFile(key))]);
  return Object.fromEntries([[digestEntry, base64(`${digestKey}\n`)], ...entries]);
}

/** Leaves out entries that it does not know. Throws an Error that names the entry that is broken, never what is in it. */
export async function keyRingOfData(data: SecretData = {}): Promise<KeyRing> {
  const digestKey = text(data[digestEntry] ?? '').trim();
  if (!/^[0-9a-f]{64}$/.test(digestKey)) {
    throw new Error(`its entry ${digestEntry} is ${digestKey ? 'not 64 hexadecimal digits' : 'missing'}`);
  }
  const entries = Object.entries(data).filter(([name]) => isKeyEntry(name));
  if (entries.length === 0) throw new Error('it has no key: an entry that begins with age1');
  const keys = await Promise.all(entries.map(([name, value]) => keyOfEntry(name, text(value))));
  return { keys: keys.sort(newestFirst), digestKey };
}

/** As `age-keygen` writes it. */
function identityFile({ identity, publicKey, createdAt }: SealingKey): string {
  return `# created: ${createdAt}\n# public key: ${publicKey}\n${identity}\n`;
}

async function keyOfEntry(name: string, file: string): Promise<SealingKey> {
  const identity = /^AGE-SECRET-KEY-1\S+$/m.exec(file)?.[0] ?? '';
  const publicKey = await identityToRecipient(identity).catch(() => undefined);
  if (!publicKey) throw new Error(`its entry ${name} has no private key: a line that begins with AGE-SECRET-KEY-1`);
  if (publicKey !== name) throw new Error(`its entry ${name} has the private key of another public key`);
  const created = Date.parse(/^# created: (\S+)$/m.exec(file)?.[1] ?? '');
  if (Number.isNaN(created)) throw new Error(`its entry ${name} has no line \`# created: <time>\``);
  return { identity, publicKey, createdAt: `${new Date(created).toISOString().slice(0, 19)}Z` };
}

/** Of two that were made at once always the same one is first. */
function newestFirst(a: SealingKey, b: SealingKey): number {
  const [first, second] = [`${b.createdAt} ${b.publicKey}`, `${a.createdAt} ${a.publicKey}`];
  return first < second ? -1 : 1;
}

const base64 = (value: string) => Buffer.from(value).toString('base64');
const text = (value: string) => Buffer.from(value, 'base64').toString();
