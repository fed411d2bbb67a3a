import { admissionBinding, admissionPolicy, matching } from './admission-policy.ts';
import { group, versionAnnotation } from './meta.ts';

const versionOf = (object: string) =>
  `${object}.metadata.?annotations[?'${versionAnnotation}'].orValue('0.0.0').split('-')[0].split('.')`;

/** `1.2.3` as 1002003. */
const number = (parts: string) => `int(${parts}[0]) * 1000000 + int(${parts}[1]) * 1000 + int(${parts}[2])`;

/**
 * What refuses older CRDs in the place of newer ones, as rules of the API server: it would silently drop what the older ones
 * do not know from each App that is written. `crds/downgrade-protection.yaml`.
 */
export function downgradeProtection(): object[] {
  const name = `downgrade-protection.${group}`;
  return [
    admissionPolicy(name, {
      failurePolicy: 'Fail',
      matchConstraints: matching('UPDATE', 'apiextensions.k8s.io', 'customresourcedefinitions'),
      matchConditions: [{ name: 'ours', expression: `object.spec.group == '${group}'` }],
      variables: [
        { name: 'before', expression: versionOf('oldObject') },
        { name: 'after', expression: versionOf('object') },
      ],
      validations: [
        {
          expression: `${number('variables.after')} >= ${number('variables.before')}`,
          messageExpression:
            "'the CRD ' + object.metadata.name + ' is of version ' + variables.before.join('.') + ' and would become ' + variables.after.join('.') + " +
            `', which may lose fields of what is stored: keep the newer one (Helm: crds.install=false), or delete the ValidatingAdmissionPolicyBinding ${name} first'`,
          message: 'an older CRD would take the place of a newer one, which may lose fields of what is stored',
          reason: 'Forbidden',
        },
      ],
    }),
    admissionBinding(name),
  ];
}
