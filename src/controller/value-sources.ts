import type { SecretSpec, SecretValue } from '../api/secret.ts';
import type { KeptValue } from '../desired/core-secret.ts';
import { generatedValue, type Random } from '../desired/generated-value.ts';
import { open } from '../sealing/box.ts';
import { digest } from '../sealing/digest.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import { SealingError } from '../sealing/sealing-error.ts';
import type { ReferredSecrets } from './referred-secrets.ts';
import { tooMuch, unfit, type ValueProblem } from './value-limits.ts';

export interface ValueTools {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly ring: KeyRing;
  /** The values as they are now, by key. */
  readonly kept: ReadonlyMap<string, KeptValue>;
  /** What is in the core Secret under a key, whatever is known of it, in base64. */
  readonly stored: (key: string) => string | undefined;
  readonly referred: ReferredSecrets;
  readonly random: Random;
}

export interface Values {
  readonly values: readonly KeptValue[];
  readonly problems: readonly ValueProblem[];
}

/** The value of each key. What its source says as before is not opened, read or made again. */
export async function valuesOf({ data }: Pick<SecretSpec, 'data'>, tools: ValueTools): Promise<Values> {
  const values: KeptValue[] = [];
  const problems: ValueProblem[] = [];
  for (const key of Object.keys(data).sort()) {
    const found = await oneValue(key, data[key] ?? {}, tools);
    if ('reason' in found) problems.push(found);
    else values.push(found);
  }
  return { values, problems: [...problems, ...tooMuch(values)] };
}

/** Whether a value is the one that its digest was made of. */
export function isIntact({ namespace, name }: ValueTools['metadata'], ring: KeyRing, value: KeptValue): boolean {
  return digest(ring, 'value', namespace, name, value.name, value.value) === value.digest;
}

/** In which way a value comes; of two that are written only one can be, so the first one is taken. */
async function oneValue(key: string, from: SecretValue, tools: ValueTools): Promise<KeptValue | ValueProblem> {
  if (from.secretKeyRef) return referredValue(key, from.secretKeyRef, tools);
  if (from.generate) return generated(key, from.generate, tools);
  if (from.sealed !== undefined) return opened(key, from.sealed, tools);
  const value = Buffer.from(from.value ?? '');
  return made(key, value, sourceDigest(key, ['value', from.value ?? ''], tools), tools);
}

/** No digest: should the key for these ever be another one, generated values stay all the same. */
const generatedSource = 'generate';

/**
 * A value that was generated once stays, whatever the spec says of its length by now, and also when somebody has put
 * another one in its place. A key whose value came from somewhere else before gets one of its own.
 */
function generated(
  key: string,
  how: NonNullable<SecretValue['generate']>,
  tools: ValueTools,
): KeptValue | ValueProblem {
  const before = tools.kept.get(key);
  const stored = !before || before.source === generatedSource ? tools.stored(key) : undefined;
  const value = stored === undefined ? Buffer.from(generatedValue(how, tools.random)) : Buffer.from(stored, 'base64');
  return made(key, value, generatedSource, tools);
}

async function opened(key: string, box: string, tools: ValueTools): Promise<KeptValue | ValueProblem> {
  const source = sourceDigest(key, ['sealed', box], tools);
  const before = keptFrom(key, source, tools);
  if (before) return before;
  try {
    const { value, publicKey } = await open(box, { ...tools.metadata, key }, tools.ring);
    return made(key, Buffer.from(value), source, tools, publicKey);
  } catch (error) {
    if (!(error instanceof SealingError)) throw error;
    const reason = error.reason === 'OtherPlace' ? 'NotSealedForThis' : 'CannotOpen';
    return { reason, message: `${key}: ${error.message}`, waits: false };
  }
}

async function referredValue(
  key: string,
  ref: NonNullable<SecretValue['secretKeyRef']>,
  tools: ValueTools,
): Promise<KeptValue | ValueProblem> {
  const { referred } = tools;
  const version = referred.versionOf(ref.name);
  if (version === undefined) return notFound(`${key}: there is no core Secret ${ref.name} yet`);
  const sourceAt = (at: string) => sourceDigest(key, ['secretKeyRef', ref.name, ref.key, at], tools);
  const before = keptFrom(key, sourceAt(version), tools);
  if (before) return before;
  const found = await referred.read(ref.name);
  const value = found?.data[ref.key];
  if (!found || value === undefined) return notFound(`${key}: core Secret ${ref.name} has no key ${ref.key} yet`);
  return made(key, Buffer.from(value, 'base64'), sourceAt(found.version), tools);
}

const notFound = (message: string): ValueProblem => ({ reason: 'SourceNotFound', message, waits: true });

/** The value as it is, if it came from this source and nobody has changed it. */
function keptFrom(key: string, source: string, tools: ValueTools): KeptValue | undefined {
  const before = tools.kept.get(key);
  return before?.source === source && isIntact(tools.metadata, tools.ring, before) ? before : undefined;
}

function made(
  name: string,
  bytes: Buffer,
  source: string,
  tools: ValueTools,
  sealedFor?: string,
): KeptValue | ValueProblem {
  const problem = unfit(name, bytes);
  if (problem) return problem;
  const { metadata, ring } = tools;
  const value = bytes.toString('base64');
  return {
    name,
    value,
    source,
    digest: digest(ring, 'value', metadata.namespace, metadata.name, name, value),
    ...(sealedFor && { sealedFor }),
  };
}

function sourceDigest(key: string, source: readonly string[], { metadata, ring }: ValueTools): string {
  return digest(ring, 'source', metadata.namespace, metadata.name, key, ...source);
}
