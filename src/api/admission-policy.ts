/** A rule of the API server about requests of anybody (Kubernetes 1.30 or newer). */
export const admissionPolicy = (name: string, spec: object): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec,
});

/** What makes the rule of that name hold. */
export const admissionBinding = (name: string, spec: object = {}): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName: name, validationActions: ['Deny'], ...spec },
});

/** Requests of one kind. */
export const matching = (operation: 'UPDATE' | 'DELETE', apiGroup: string, resource: string): object => ({
  resourceRules: [{ apiGroups: [apiGroup], apiVersions: ['*'], operations: [operation], resources: [resource] }],
});
