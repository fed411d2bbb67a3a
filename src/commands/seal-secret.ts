import { access, writeFile } from 'node:fs/promises';
import { maxSealedLength } from '../api/secret.ts';
import { seal } from '../sealing/box.ts';
import { readSource } from './conversion.ts';
import { namespaceOfKubeConfig } from './kubeconfig-namespace.ts';
import { failed, note } from './messages.ts';
import { type ValueFlags, valuesToSeal } from './seal-values.ts';
import { type ClusterFlags, findPublicKey } from './sealing-key.ts';
import { type SecretFile, secretFile } from './secret-file.ts';
import { type Boxes, renderManifest, secretManifest } from './secret-manifest.ts';

export interface SealFlags extends ClusterFlags, ValueFlags {
  readonly name?: string;
  readonly namespace?: string;
  readonly app: readonly string[];
  readonly into?: string;
  readonly output: 'yaml' | 'json' | 'box';
  readonly publicKey?: string;
}

/** The Secret that values are sealed for, and the file it is in, if that is there. */
interface Target {
  readonly name: string;
  readonly namespace: string;
  readonly file: SecretFile | undefined;
}

/** Gives back the exit code. The value is asked for last: nobody types one for nothing. */
export async function sealSecret(keys: readonly string[], flags: SealFlags): Promise<number> {
  try {
    const target = await targetOf(flags);
    const publicKey = await findPublicKey(flags);
    const values = await valuesToSeal(keys, flags);
    if (flags.output === 'box' && values.size > 1) throw new Error('--output box prints one value: name its KEY');
    const boxes = new Map<string, string>();
    for (const [key, value] of values)
      boxes.set(key, checkedBox(key, await seal(value, { ...target, key }, publicKey)));
    await put(target, boxes, flags);
    return 0;
  } catch (error) {
    return failed((error as Error).message);
  }
}

async function targetOf(flags: SealFlags): Promise<Target> {
  const file = flags.into === undefined ? undefined : await fileAt(flags.into, flags);
  const name = flags.name ?? file?.name;
  if (!name) throw new Error('name the Secret with --name, or the file it is in with --into');
  const namespace = flags.namespace ?? file?.namespace ?? (await namespaceOfKubeConfig(flags.context));
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) throw new Error(`namespace: ${wrongName}`);
  if (!/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/.test(name)) throw new Error(`name: ${wrongName}`);
  return { name, namespace, file };
}

const wrongName = 'write lower-case letters, digits and `-`, with a letter or digit at both ends';

/** The Secret in that file; undefined where there is no such file yet. */
async function fileAt(path: string, flags: SealFlags): Promise<SecretFile | undefined> {
  if (flags.output !== 'yaml') throw new Error(`--into writes YAML: leave --output ${flags.output} out`);
  const isThere = await access(path).then(
    () => true,
    (error) => error.code !== 'ENOENT',
  );
  if (!isThere) return undefined;
  const source = await readSource(path);
  if (typeof source !== 'string') throw new Error(`${path}: ${source.problem}`);
  return secretIn(path, source, flags);
}

function secretIn(path: string, text: string, { name, namespace, app }: SealFlags): SecretFile {
  if (app.length > 0) throw new Error('--app is for a new Secret: write spec.apps into the file');
  return naming(path, () => {
    const file = secretFile(text, name);
    if (namespace === undefined || (file.namespace ?? namespace) === namespace) return file;
    throw new Error(`Secret ${file.name} is in namespace ${file.namespace}, not in that of --namespace`);
  });
}

function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

/** The API server would refuse more. */
function checkedBox(key: string, box: string): string {
  if (box.length <= maxSealedLength) return box;
  throw new Error(`the value of ${key} is too large: 64 KiB is about the most`);
}

async function put({ name, namespace, file }: Target, boxes: Boxes, flags: SealFlags): Promise<void> {
  const manifest = () => secretManifest({ name, namespace, apps: flags.app }, boxes);
  if (flags.into !== undefined) {
    const text = naming(flags.into, () => file?.withBoxes(boxes, namespace) ?? renderManifest(manifest()));
    await writeFile(flags.into, text);
    note(`sealed ${[...boxes.keys()].join(', ')} in ${flags.into}; next: \`kubectl apply -f ${flags.into}\``);
  } else if (flags.output === 'box') process.stdout.write([...boxes.values()].join(''));
  else if (flags.output === 'json') process.stdout.write(`${JSON.stringify(manifest(), null, 2)}\n`);
  else process.stdout.write(renderManifest(manifest()));
}
