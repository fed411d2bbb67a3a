import { expect, it } from 'vitest';
import { crds } from '../../src/api/crds.ts';
import type { JsonSchema } from '../../src/api/structural.ts';

interface CustomResource {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: JsonSchema } }[];
  };
}

const hasBound = ({ type, ...schema }: JsonSchema): boolean => {
  if (type === 'array') return schema.maxItems !== undefined;
  if (type === 'string') return schema.maxLength !== undefined || schema.enum !== undefined;
  return typeof schema.additionalProperties !== 'object' || schema.maxProperties !== undefined;
};

/** The places of all that may become as long as anybody likes. */
function boundless(place: string, schema: JsonSchema): string[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}),
    ...(schema.items ? [['[]', schema.items] as const] : []),
    ...(typeof schema.additionalProperties === 'object' ? [['{}', schema.additionalProperties] as const] : []),
  ];
  return [...(hasBound(schema) ? [] : [place]), ...inner.flatMap(([name, one]) => boundless(`${place}.${name}`, one))];
}

const kinds = (crds() as unknown as CustomResource[]).map(({ spec }) => spec);

it.each(kinds.map(({ names }) => names.kind))(
  'every list, map and text that people write in %s has a bound',
  (kind) => {
    const found = kinds.find(({ names }) => names.kind === kind)?.versions[0]?.schema.openAPIV3Schema.properties?.spec;
    expect(found).toBeDefined();
    expect(boundless('spec', found ?? {})).toEqual([]);
  },
);
