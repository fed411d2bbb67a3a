import type { NetworkPolicy } from '../api/kubernetes.ts';
import { policyOf } from '../desired/gate-policy.ts';
import type { Store } from '../kube/store.ts';
import type { Key, KubeObject } from '../kube/types.ts';
import type { Children } from './apply.ts';

/** Policies of all Apps are in the namespace of the gates; those of Apps that are not watched are somebody else's. */
export const appOfPolicy = (watched: string | undefined) => (policy: KubeObject) => {
  const app = policyOf(policy);
  return app && (watched === undefined || app.startsWith(`${watched}/`)) ? [app] : [];
};

interface Gatekeeping {
  readonly key: Key;
  readonly caches: { readonly gatePolicies?: { readonly store: Pick<Store<KubeObject>, 'byIndex'> } };
  readonly children: Pick<Children, 'apply'>;
  readonly signal: AbortSignal;
}

/**
 * Makes the policy of an App at the gates what it should be. It is there before `lead` makes anything that leads to the
 * gates, and goes after nothing leads there any more. No App owns it, for owners are of the same namespace.
 */
export async function openGates<T>(
  { key, caches, children, signal }: Gatekeeping,
  policy: NetworkPolicy | undefined,
  lead: () => Promise<T>,
): Promise<T> {
  const current = caches.gatePolicies?.store.byIndex('app', key) ?? [];
  if (policy) await children.apply(undefined, [policy], current, signal);
  const led = await lead();
  if (!policy) await children.apply(undefined, [], current, signal);
  return led;
}
