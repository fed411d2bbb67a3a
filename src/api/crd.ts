import { appSchema } from './app.ts';
import { group, version } from './meta.ts';
import { type JsonSchema, structuralSchema } from './structural.ts';

interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
  description: string;
  priority?: number;
}

const condition = (type: string, field: string) => `.status.conditions[?(@.type=="${type}")].${field}`;

const appColumns: PrinterColumn[] = [
  {
    name: 'Ready',
    type: 'string',
    jsonPath: condition('Ready', 'status'),
    description: 'Whether all wanted machines run',
  },
  { name: 'Reason', type: 'string', jsonPath: condition('Ready', 'reason'), description: 'Why it is ready or not' },
  { name: 'Machines', type: 'string', jsonPath: '.status.machines', description: 'Ready and wanted machines' },
  { name: 'Release', type: 'integer', jsonPath: '.status.release.version', description: 'Release that was made last' },
  { name: 'Phase', type: 'string', jsonPath: '.status.release.phase', description: 'How far that release is' },
  { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'Image of the App' },
  { name: 'URL', type: 'string', jsonPath: '.status.urls[0]', description: 'Where the App answers' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since it was created' },
  {
    name: 'Message',
    type: 'string',
    jsonPath: condition('Ready', 'message'),
    description: 'The reason in a sentence',
    priority: 1,
  },
];

/** The CustomResourceDefinition of App, whole: `crds/apps.yaml`. */
export function appCrd(): object {
  return crd({
    kind: 'App',
    plural: 'apps',
    shortName: 'afapp',
    description: 'An App is a program that Airfield keeps running: its image, its process groups, and what it serves.',
    schema: structuralSchema(appSchema),
    columns: appColumns,
    // A path into a list is not allowed, so `kubectl scale` has a field of its own.
    scale: {
      specReplicasPath: '.spec.count',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  });
}

function crd(of: {
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
