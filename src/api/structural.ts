import * as z from 'zod';

export interface JsonSchema {
  [key: string]: unknown;
  type?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
}

/**
 * The structural schema that a CRD wants, from a zod schema. zod's own JSON schema is refused by the API server:
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function structuralSchema(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as JsonSchema;
  return structural(json);
}

function structural(node: JsonSchema): JsonSchema {
  if (node['x-kubernetes-int-or-string']) return intOrString(node);
  const result: JsonSchema = { ...node };
  // Pruning does its job, and it excludes `properties`.
  if (result.additionalProperties === false) delete result.additionalProperties;
  delete result.propertyNames;
  if (isEmptyDefault(result)) delete result.default;
  if (result.type === 'integer') boundInteger(result);
  if (result.properties) result.properties = mapValues(result.properties, structural);
  if (result.items) result.items = structural(result.items);
  if (typeof result.additionalProperties === 'object') {
    result.additionalProperties = structural(result.additionalProperties);
    // CEL needs a bound for its cost budget, also on maps.
    result.maxProperties ??= 256;
  }
  return result;
}

/**
 * An empty list or map says nothing that its absence does not say, and would stand in every stored object. An empty
 * object stays, because the defaults of its fields are filled in only where it is there.
 */
function isEmptyDefault({ default: value, additionalProperties }: JsonSchema): boolean {
  return (
    (Array.isArray(value) && value.length === 0) || (JSON.stringify(value) === '{}' && Boolean(additionalProperties))
  );
}

/** The API server has a word of its own for it, and no place for its two branches. */
function intOrString(node: JsonSchema): JsonSchema {
  const { anyOf: _, type: __, ...rest } = node;
  return rest;
}

/** zod writes the range of a safe integer where no bound was given. */
function boundInteger(node: JsonSchema): void {
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  node.format = 'int32';
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
