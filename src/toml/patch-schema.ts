import * as z from 'zod';
import { appSchema, appSpecSchema } from '../api/app.ts';
import { apiVersion } from '../api/meta.ts';
import { dnsLabel } from '../api/scalars.ts';
import { type JsonSchema, structuralSchema } from '../api/structural.ts';

const words = z.record(z.string(), z.string()).optional();

/** What an App must be after it has been patched. */
export const manifestSchema = z.object({
  apiVersion: z.literal(apiVersion),
  metadata: z.object({ namespace: dnsLabel().optional(), labels: words, annotations: words }),
  spec: appSpecSchema,
});

let found: JsonSchema | undefined;

/** The App as its CustomResourceDefinition has it, without its status, and with what may be in `metadata`. */
export function manifestJsonSchema(): JsonSchema {
  found ??= { type: 'object', properties: { ...metaProperties, spec: specOf(structuralSchema(appSchema)) } };
  return found;
}

const specOf = ({ properties }: JsonSchema): JsonSchema => properties?.spec ?? {};
const map: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } };
const metaProperties: Record<string, JsonSchema> = {
  apiVersion: {},
  kind: {},
  metadata: { type: 'object', properties: { name: {}, namespace: {}, labels: map, annotations: map } },
};
