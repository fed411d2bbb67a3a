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
export function structuralSchema(kind: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(kind, { target: 'openapi-3.0', io: 'input' }) as JsonSchema;
  const schema = structural(json, 'of objects');
  const { status } = json.properties ?? {};
  return status ? { ...schema, properties: { ...schema.properties, status: structural(status, 'all') } } : schema;
}

/** Which defaults the API server fills in. */
type Defaults = 'all' | 'of objects' | 'none';

function structural(node: JsonSchema, defaults: Defaults): JsonSchema {
  if (node['x-kubernetes-int-or-string']) return intOrString(node);
  const result: JsonSchema = { ...node };
  // Pruning does its job, and it excludes `properties`.
  if (result.additionalProperties === false) delete result.additionalProperties;
  delete result.propertyNames;
  if (defaults !== 'all') tellDefault(result, defaults);
  if (result.type === 'integer') boundInteger(result);
  if (result.properties) result.properties = mapValues(result.properties, (property) => structural(property, defaults));
  if (result.items) result.items = structural(result.items, 'none');
  if (typeof result.additionalProperties === 'object') {
    result.additionalProperties = structural(result.additionalProperties, 'none');
    // CEL needs a bound for its cost budget, also on maps.
    result.maxProperties ??= 256;
  }
  return result;
}

/**
 * A default is told, not stored: with defaults in the schema every stored App would differ from the file it came from,
 * which Argo CD takes for drift and `kubectl apply` for a change. Whoever reads an App fills them in. The status is
 * nobody's file, and kstatus needs its default.
 *
 * An object outside of lists keeps `{}`, which neither of them minds: when the last field of `network` is taken away by
 * server-side apply, the API server makes `network: null` of it, which it then refuses unless there is a default.
 */
function tellDefault(node: JsonSchema, defaults: Defaults): void {
  const { default: value, properties } = node;
  if (defaults === 'of objects' && properties && JSON.stringify(value) === '{}') return;
  delete node.default;
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  if (isPlain) node.description = `${node.description ?? ''} Default: \`${value}\`.`.trim();
}

/** The API server has a word of its own for it, and no place for its two branches. */
function intOrString(node: JsonSchema): JsonSchema {
  const { anyOf: _, type: __, ...rest } = node;
  tellDefault(rest, 'none');
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
