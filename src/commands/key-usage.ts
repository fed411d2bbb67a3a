import * as z from 'zod';
import { type SecretStatus, secretStatusSchema } from '../api/secret.ts';

/** A Secret as the API server gives it. */
export interface ListedSecret {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly generation?: number };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Read loosely: a value in a Secret that is newer than this program counts as well. */
const dataSchema = z.object({ data: z.record(z.string(), z.looseObject({ sealed: z.string().optional() })) });

/** Values of one Secret. */
export interface Values {
  readonly name: string;
  readonly namespace: string;
  /** Names of variables. */
  readonly keys: readonly string[];
}

export interface KeyUsage {
  /** Sealed for another key than `newest`. */
  readonly old: readonly Values[];
  /** Sealed, and the operator has not said for which key: it has not seen them yet, or cannot open them. */
  readonly unknown: readonly Values[];
}

/** What the statuses of Secrets say of the keys that values are sealed for. */
export function keyUsage(secrets: readonly ListedSecret[], newest: string): KeyUsage {
  const read = secrets.map((secret) => ({ place: placeOf(secret), keys: sealedFor(secret) }));
  const those = (wanted: (publicKey: string | undefined) => boolean) =>
    read
      .map(({ place, keys }) => ({ ...place, keys: keys.filter(([, key]) => wanted(key)).map(([name]) => name) }))
      .filter(({ keys }) => keys.length > 0);
  return {
    old: those((key) => key !== undefined && key !== newest),
    unknown: those((key) => key === undefined),
  };
}

/**
 * Sealed values by name, each with the public key that the status names, if it speaks of this spec. A Secret that is not
 * ready still lists the values that it had before.
 */
function sealedFor({ metadata, spec, status }: ListedSecret): [string, string | undefined][] {
  const data = dataSchema.safeParse(spec).data?.data ?? {};
  const told: SecretStatus | undefined = secretStatusSchema.safeParse(status ?? {}).data;
  const isReady = told?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  const isCurrent = isReady && told?.observedGeneration === metadata.generation;
  const keyOf = (name: string) => told?.keys?.find((key) => key.name === name)?.sealedFor;
  const sealed = Object.keys(data).filter((name) => data[name]?.sealed !== undefined);
  return sealed.map((name) => [name, isCurrent ? keyOf(name) : undefined]);
}

const placeOf = ({ metadata: { name, namespace = 'default' } }: ListedSecret) => ({ name, namespace });
