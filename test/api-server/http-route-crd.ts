import { httpRoutes } from '../../src/kube/resources.ts';

const text = { type: 'string', minLength: 1, maxLength: 253 };
const list = (items: object, maxItems: number) => ({ type: 'array', maxItems, items });
const object = (properties: object, ...required: string[]) => ({ type: 'object', properties, required });

const backend = object({ name: text, port: { type: 'integer' }, weight: { type: 'integer', default: 1 } }, 'name');

/** The kind HTTPRoute of the Gateway API, as far as Airfield writes it; `hostnames` has the bound of the real one. */
export const httpRouteCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'httproutes.gateway.networking.k8s.io',
    // The API server keeps names under k8s.io for kinds that somebody has reviewed.
    annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
  },
  spec: {
    group: 'gateway.networking.k8s.io',
    names: { kind: httpRoutes.kind, plural: httpRoutes.plural, singular: 'httproute', listKind: 'HTTPRouteList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: object({
            spec: object({
              parentRefs: list(
                object({ namespace: text, name: text, kind: { ...text, default: 'Gateway' } }, 'name'),
                32,
              ),
              hostnames: list(text, 16),
              rules: list(object({ backendRefs: list(backend, 16) }), 16),
            }),
          }),
        },
      },
    ],
  },
};
