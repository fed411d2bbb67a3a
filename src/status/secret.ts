import { type ConditionClaim, transition } from '../api/conditions.ts';
import type { Resource } from '../api/read.ts';
import {
  type SecretSource,
  type SecretSpec,
  type SecretStatus,
  type SecretValue,
  secretSources,
} from '../api/secret.ts';
import type { KeptValue } from '../desired/core-secret.ts';
import type { KeyConflict } from '../release/effective-secrets.ts';

type Secret = Resource<SecretSpec, SecretStatus>;

export interface SecretObserved {
  /** What the core Secret has. */
  readonly values: readonly KeptValue[];
  /** `Ready`, and what goes with it. */
  readonly claims: readonly ConditionClaim[];
  readonly conflicts: readonly KeyConflict[];
  /** What `airfield seal` seals for now. */
  readonly newestKey: string;
}

/** The status of a Secret: what there is, and never a value. */
export function secretStatus(secret: Secret, observed: SecretObserved, now: Date): SecretStatus {
  const { metadata, spec, status } = secret;
  const { values } = observed;
  const told = [
    ...observed.claims,
    ...conflictClaim(observed.conflicts),
    ...oldKeyClaim(values, observed.newestKey),
    ...plainClaim(spec),
  ];
  return {
    observedGeneration: metadata.generation,
    conditions: transition(status.conditions ?? [], told, { generation: metadata.generation, now }),
    keys: values.flatMap(({ name, digest, sealedFor }) => {
      const from = spec.data[name];
      return from ? [{ name, source: sourceOf(from), digest, ...(sealedFor && { sealedFor }) }] : [];
    }),
    count: values.length,
    apps: [...appsOf(secret)],
  };
}

/** The Apps that get the values of a Secret. */
export function appsOf({ metadata, spec }: Pick<Secret, 'metadata' | 'spec'>): readonly string[] {
  return spec.apps ?? [metadata.name];
}

/** What to say of a Secret whose values are all there. */
export function realised(count: number): string {
  if (count === 0) return 'it has no values';
  return count === 1 ? 'its value is there' : `all ${count} values are there`;
}

function sourceOf(value: SecretValue): SecretSource {
  return secretSources.find((source) => value[source] !== undefined) ?? 'value';
}

function conflictClaim(conflicts: readonly KeyConflict[]): ConditionClaim[] {
  if (conflicts.length === 0) return [];
  const message = conflicts.map(({ app, keys, other, wins }) => {
    const who = wins ? 'which is younger: the value of this Secret is used' : 'which is older: its value is used';
    return `App ${app} gets ${list(keys)} from Secret ${other}, too, ${who}; remove it from one of the two`;
  });
  return [{ type: 'KeyConflict', status: 'True', reason: 'SetTwice', message: message.join('; ') }];
}

function oldKeyClaim(values: readonly KeptValue[], newestKey: string): ConditionClaim[] {
  const old = values.filter(({ sealedFor }) => sealedFor && sealedFor !== newestKey).map(({ name }) => name);
  if (old.length === 0) return [];
  const message = `${list(old)}: sealed for a key that is not the newest; seal again with \`airfield seal\``;
  return [{ type: 'OldSealingKey', status: 'True', reason: 'NotTheNewest', message }];
}

function plainClaim({ data }: SecretSpec): ConditionClaim[] {
  const plain = Object.keys(data)
    .filter((key) => data[key]?.value !== undefined)
    .sort();
  if (plain.length === 0) return [];
  const message = `${list(plain)}: whoever can read this object, or the file that it came from, can read the value; write what \`airfield seal\` prints as \`sealed\` instead`;
  return [{ type: 'PlainValue', status: 'True', reason: 'NotSealed', message }];
}

const list = (keys: readonly string[]) => keys.map((key) => `\`${key}\``).join(', ');
