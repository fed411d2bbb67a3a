import { describe, expect, it } from 'vitest';
import { crds } from '../../src/api/crds.ts';

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node;
  [keyword: string]: unknown;
}

function* walk(node: Node, path = ''): Generator<[string, Node]> {
  yield [path, node];
  for (const [name, child] of Object.entries(node.properties ?? {})) yield* walk(child, `${path}.${name}`);
  if (node.items) yield* walk(node.items, `${path}[]`);
  if (node.additionalProperties) yield* walk(node.additionalProperties, `${path}{}`);
}

interface Crd {
  spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Node } }[] };
}

describe.each((crds() as Crd[]).map(({ spec }) => ({ kind: spec.names.kind, spec })))(
  'the CRD of $kind',
  ({ spec }) => {
    const nodes = [...walk(spec.versions[0]?.schema.openAPIV3Schema ?? {})];
    const ofSpec = nodes.filter(([path]) => /^\.(spec|status)/.test(path));

    it('explains every field to kubectl explain', () => {
      const silent = ofSpec
        .filter(([path, node]) => !node.description && !/(\[\]|\{\})$/.test(path))
        .map(([path]) => path);
      expect(silent).toEqual([]);
    });

    it('has no keyword that a structural schema forbids', () => {
      const forbidden = ['$ref', '$schema', 'anyOf', 'oneOf', 'allOf', 'propertyNames', 'uniqueItems', 'const'];
      expect(ofSpec.filter(([, node]) => forbidden.some((keyword) => keyword in node)).map(([path]) => path)).toEqual(
        [],
      );
    });

    it('bounds every list, string and map, because CEL has a cost budget', () => {
      const bound: Record<string, string> = { array: 'maxItems', object: 'maxProperties', string: 'maxLength' };
      const unbounded = ofSpec.filter(([, node]) => {
        const limit = bound[String(node.type)];
        return limit && !(limit in node) && !node.enum && !node.properties;
      });
      expect(unbounded.map(([path]) => path)).toEqual([]);
    });
  },
);
