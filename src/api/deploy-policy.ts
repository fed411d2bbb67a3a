import { admissionBinding, admissionPolicy, matching } from './admission-policy.ts';
import { group, restartedAtAnnotation } from './meta.ts';
import { celList } from './scalars.ts';

/** Name of the policy; what it refuses says so. */
export const deployPolicyName = `deploys.${group}`;

/** Fields of an App that are a deploy. */
const deployed = ['image', 'env'];

/** Annotations that come with one; the second one is what `kubectl apply` keeps its last input in. */
const deployedAnnotations = [restartedAtAnnotation, 'kubectl.kubernetes.io/last-applied-configuration'];

/** Keys of a map that are not the same in another one. */
const changed = (now: string, before: string, free: readonly string[]) => {
  const isFixed = `!(k in ${celList(free)})`;
  const differs = `${now}.filter(k, ${isFixed} && (!(k in ${before}) || ${now}[k] != ${before}[k]))`;
  return `${differs} + ${before}.filter(k, ${isFixed} && !(k in ${now}))`;
};

/** Whoever makes the request may do that with this App. */
const may = (verb: string, name = '') =>
  `authorizer.group('${group}').resource('apps').namespace(object.metadata.namespace)${name}.check('${verb}').allowed()`;

/**
 * What makes `update` and `patch` of Apps the right to deploy, and no more, as rules of the API server: RBAC knows objects,
 * but no fields. Who may neither create Apps nor delete the one in question changes its image and environment alone. Rights
 * add up as they do everywhere in RBAC, and Kubernetes' garbage collector, which changes finalizers, may delete everything.
 */
export function deployPolicy(): object[] {
  const advice = 'ask for the right to create Apps (ClusterRole airfield-admin) for more';
  return [
    admissionPolicy(deployPolicyName, {
      failurePolicy: 'Fail',
      matchConstraints: matching('UPDATE', group, 'apps'),
      matchConditions: [
        {
          name: 'may-only-deploy',
          expression: `!${may('create')} && !${may('delete', '.name(object.metadata.name)')}`,
        },
      ],
      variables: [
        { name: 'spec', expression: changed('object.spec', 'oldObject.spec', deployed) },
        { name: 'annotations', expression: "object.metadata.?annotations.orValue({'': ''})" },
        { name: 'oldAnnotations', expression: "oldObject.metadata.?annotations.orValue({'': ''})" },
      ],
      validations: [
        {
          expression: 'variables.spec.size() == 0',
          messageExpression: `'you may change image and env of Apps, and not ' + variables.spec.map(k, 'spec.' + k).join(', ') + ': ${advice}'`,
          message: `you may change image and env of Apps, and no other field of the spec: ${advice}`,
          reason: 'Forbidden',
        },
        {
          // An owner that does not exist would have the App deleted.
          expression: `['labels', 'finalizers', 'ownerReferences'].all(k, (k in object.metadata) == (k in oldObject.metadata) && (!(k in object.metadata) || object.metadata[k] == oldObject.metadata[k]))`,
          message: `you may not change labels, finalizers and owners of Apps: ${advice}`,
          reason: 'Forbidden',
        },
        {
          expression: `(${changed('variables.annotations', 'variables.oldAnnotations', ['', ...deployedAnnotations])}).size() == 0`,
          message: `you may change no annotation of Apps but ${restartedAtAnnotation}: ${advice}`,
          reason: 'Forbidden',
        },
      ],
    }),
    admissionBinding(deployPolicyName),
  ];
}
