import { secrets } from '../controller/resources.ts';
import { type Client, connect } from '../kube/client.ts';
import { withNewKey } from '../sealing/key-ring.ts';
import { dataOfKeyRing } from '../sealing/key-ring-data.ts';
import { type KeyUsage, keyUsage, type ListedSecret, type Values } from './key-usage.ts';
import { failed } from './messages.ts';
import type { ClusterFlags } from './sealing-key.ts';
import { readKeyRing, type StoredKeyRing, writeKeyRing } from './stored-key-ring.ts';

export interface RotateFlags extends ClusterFlags {
  readonly removeOld?: boolean;
  readonly dryRun?: boolean;
}

/** Gives back the exit code. What may be refused is asked first, so that nothing is half done. */
export async function rotateSealingKey(flags: RotateFlags): Promise<number> {
  try {
    const client = await connect({ context: flags.context, requestTimeoutMs: 15_000 });
    try {
      const stored = await readKeyRing(client, flags.operatorNamespace);
      const { items } = await client.list<ListedSecret>(secrets);
      return await (flags.removeOld ? removeOldKeys : addKey)(client, stored, items, flags.dryRun);
    } finally {
      client.close();
    }
  } catch (error) {
    return failed((error as Error).message);
  }
}

async function addKey(
  client: Client,
  stored: StoredKeyRing,
  listed: readonly ListedSecret[],
  isDryRun = false,
): Promise<number> {
  const { object, ring } = stored;
  const next = isDryRun ? ring : await withNewKey(ring, new Date());
  if (!isDryRun) await writeKeyRing(client, stored, { ...object.data, ...dataOfKeyRing(next) });
  const [newest, ...olds] = next.keys;
  say(`${isDryRun ? 'Sealing key, as it is' : 'New sealing key'}: ${newest?.publicKey}`);
  if (olds.length > 0) say(`Old keys, which still open what is sealed for them: ${olds.length}`);
  sayUsage(keyUsage(listed, newest?.publicKey ?? ''));
  return 0;
}

async function removeOldKeys(
  client: Client,
  stored: StoredKeyRing,
  listed: readonly ListedSecret[],
  isDryRun = false,
): Promise<number> {
  const [newest, ...olds] = stored.ring.keys;
  const usage = keyUsage(listed, newest?.publicKey ?? '');
  if (olds.length > 0 && usage.old.length + usage.unknown.length > 0) {
    sayUsage(usage);
    process.stderr.write('error: old keys are used, or may be: none is removed\n');
    return 1;
  }
  const gone = new Set(olds.map(({ publicKey }) => publicKey));
  const left = Object.entries(stored.object.data ?? {}).filter(([name]) => !gone.has(name));
  if (gone.size > 0 && !isDryRun) await writeKeyRing(client, stored, Object.fromEntries(left));
  for (const key of gone) say(`Old key, ${isDryRun ? 'which would be removed' : 'removed'}: ${key}`);
  if (gone.size === 0) say('There are no old keys.');
  say(`Sealing key: ${newest?.publicKey}`);
  return 0;
}

function sayUsage({ old, unknown }: KeyUsage): void {
  if (unknown.length > 0) sayValues('Sealed values that the operator has not opened as they are now:', unknown);
  const [first] = old;
  if (!first) return;
  sayValues('Values that are sealed for an old key:', old);
  say('Next: seal each of them again, apply it, then remove the old keys:');
  say(`  airfield seal --namespace ${first.namespace} --name ${first.name} --into <its file> ${first.keys[0]}`);
  say('  airfield rotate-key --remove-old');
}

function sayValues(title: string, values: readonly Values[]): void {
  say(title);
  for (const { namespace, name, keys } of values) say(`  ${namespace}/${name}: ${keys.join(', ')}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
