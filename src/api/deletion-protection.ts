import { admissionBinding, admissionPolicy, matching } from './admission-policy.ts';
import { apiVersion, group } from './meta.ts';

const advice = 'set spec.deletionProtection to false first';

/**
 * What refuses the deletion of Apps with `spec.deletionProtection`, as rules of the API server (Kubernetes 1.30 or
 * newer): `crds/deletion-protection.yaml`. They hold whether or not the operator runs.
 */
export function deletionProtection(): object[] {
  return [...ofApps(), ...ofNamespaces()];
}

function ofApps(): object[] {
  const name = `deletion-protection.${group}`;
  return [
    admissionPolicy(name, {
      failurePolicy: 'Fail',
      matchConstraints: matching('DELETE', group, 'apps'),
      validations: [
        {
          expression: '!oldObject.?spec.?deletionProtection.orValue(false)',
          messageExpression: `'App ' + oldObject.metadata.name + ' is protected: ${advice}'`,
          message: `the App is protected: ${advice}`,
          reason: 'Forbidden',
        },
      ],
    }),
    admissionBinding(name),
  ];
}

/**
 * Kubernetes empties a namespace kind by kind. A protected App would be all that is left of it, without its machines,
 * volumes and secrets, so a namespace with one is not deleted to begin with. `Ignore`: where nobody knows the kind App,
 * namespaces can be deleted.
 */
function ofNamespaces(): object[] {
  const name = `namespace-deletion-protection.${group}`;
  return [
    admissionPolicy(name, {
      failurePolicy: 'Ignore',
      paramKind: { apiVersion, kind: 'App' },
      matchConstraints: matching('DELETE', '', 'namespaces'),
      validations: [
        {
          expression: '!params.?spec.?deletionProtection.orValue(false)',
          messageExpression: `'App ' + params.metadata.name + ' in it is protected: ${advice}'`,
          message: `an App in it is protected: ${advice}`,
          reason: 'Forbidden',
        },
      ],
    }),
    admissionBinding(name, { paramRef: { selector: {}, parameterNotFoundAction: 'Allow' } }),
  ];
}
