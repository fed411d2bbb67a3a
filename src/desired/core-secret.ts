import type { CoreSecret } from '../api/kubernetes.ts';
import { label, manager, valuesAnnotation } from '../api/meta.ts';
import type { Meta } from '../api/read.ts';

/** A value that a Secret has, and what is known of it without looking at it. */
export interface KeptValue {
  /** Of the variable. */
  readonly name: string;
  /** In base64, as a core Secret has it. */
  readonly value: string;
  /** Changes with what `spec` says of it. Like `digest` made with a key that only the operator has. */
  readonly source: string;
  /** Changes with the value. */
  readonly digest: string;
  /** Public key of the box that it came in. */
  readonly sealedFor?: string;
}

/** What a core Secret has of the Secret that it was made for. */
export interface Kept {
  /** Of the Secret: which of its specs the values are of. */
  readonly generation: number;
  /** By name. */
  readonly values: readonly KeptValue[];
}

/** Core Secret as it is read back. */
export interface StoredCoreSecret {
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly data?: Record<string, string>;
}

type About = Omit<KeptValue, 'name' | 'value'>;

/**
 * The core Secret of the same name that a Secret becomes. What is known of its values is beside them, so that what has not
 * changed is neither opened nor read again, and so that nobody sees new values with an old digest.
 */
export function coreSecret({ name, namespace, generation }: Meta, values: readonly KeptValue[]): CoreSecret {
  const sorted = [...values].sort((a, b) => (a.name < b.name ? -1 : 1));
  const about = sorted.map(({ name: key, value: _, ...rest }): [string, About] => [key, rest]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { [label.name]: name, [label.managedBy]: manager, [label.secret]: name },
      annotations: { [valuesAnnotation]: JSON.stringify({ generation, values: Object.fromEntries(about) }) },
    },
    type: 'Opaque',
    data: Object.fromEntries(sorted.map(({ name: key, value }) => [key, value])),
  };
}

/**
 * What is in it; undefined where the annotation was taken away or broken by hand. A value that was taken away is empty,
 * which its digest is not of.
 */
export function keptIn({ metadata, data = {} }: StoredCoreSecret): Kept | undefined {
  const { generation, values } = parsed(metadata.annotations?.[valuesAnnotation]) ?? {};
  if (typeof generation !== 'number' || !values) return undefined;
  return {
    generation,
    values: Object.entries(values).map(([name, about]) => ({ ...about, name, value: data[name] ?? '' })),
  };
}

function parsed(text = ''): { generation?: unknown; values?: Record<string, About> } | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
