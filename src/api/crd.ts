import { group, version } from './meta.ts';
import type { JsonSchema } from './structural.ts';

export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  jsonPath: string;
  description: string;
  priority?: number;
}

/** A CustomResourceDefinition, whole. */
export function crd(of: {
  kind: string;
  plural: string;
  shortName: string;
  description: string;
  schema: JsonSchema;
  columns: PrinterColumn[];
  scale?: Record<'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath', string>;
}): object {
  const singular = of.kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${of.plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: of.kind,
        listKind: `${of.kind}List`,
        plural: of.plural,
        singular,
        shortNames: [of.shortName],
        categories: ['airfield'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: of.columns,
          subresources: { status: {}, ...(of.scale && { scale: of.scale }) },
          schema: { openAPIV3Schema: withObjectMeta(of.schema, of.description) },
        },
      ],
    },
  };
}

/** A CEL rule may read `self.metadata.name` only where the schema says that there is one. */
function withObjectMeta(schema: JsonSchema, description: string): JsonSchema {
  return {
    ...schema,
    description,
    properties: {
      apiVersion: { type: 'string', description: 'Version of this schema.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      ...schema.properties,
    },
  };
}
