import { group, label, tokenMadeByAnnotation } from '../api/meta.ts';
import type { KubeObject, OwnerReference } from '../kube/types.ts';

/** What may be done with a token: `read` looks at the App, `deploy` changes its image and environment, too. */
export const tokenScopes = ['deploy', 'read'] as const;
export type TokenScope = (typeof tokenScopes)[number];

export interface TokenOf {
  readonly scope: TokenScope;
  readonly app: string;
  readonly namespace: string;
  /** Of the App: its tokens go with it. */
  readonly uid: string;
  readonly madeBy: string | undefined;
  /** A few letters that make the name a new one. */
  readonly suffix: string;
}

/** What a token is made of. All three have one name. */
export interface TokenObjects {
  readonly name: string;
  readonly serviceAccount: KubeObject;
  readonly role: KubeObject;
  readonly roleBinding: KubeObject;
}

const rbac = 'rbac.authorization.k8s.io';

export function tokenObjects({ scope, app, namespace, uid, madeBy, suffix }: TokenOf): TokenObjects {
  const name = `airfield-${scope}-${app}-${suffix}`;
  const owner: OwnerReference = { apiVersion: `${group}/v1alpha1`, kind: 'App', name: app, uid };
  const labels = { [label.token]: scope, [label.app]: app };
  const metadata = { name, namespace, labels, ownerReferences: [owner] };
  const annotations = madeBy ? { [tokenMadeByAnnotation]: madeBy } : {};
  return {
    name,
    // No pod that runs as it should get a token that nobody has asked for.
    serviceAccount: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { ...metadata, annotations },
      automountServiceAccountToken: false,
    } as KubeObject,
    role: { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: rulesOf(scope, app) } as KubeObject,
    roleBinding: {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    } as KubeObject,
  };
}

/** RBAC knows names, but no labels: pods and Events can be read of the whole namespace, or not at all. */
function rulesOf(scope: TokenScope, app: string): object[] {
  const read = ['get', 'list', 'watch'];
  const own = scope === 'deploy' ? [...read, 'patch'] : read;
  return [
    { apiGroups: [group], resources: ['apps'], resourceNames: [app], verbs: own },
    { apiGroups: [group], resources: ['apps/status'], resourceNames: [app], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods', 'events'], verbs: read },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: read },
  ];
}
