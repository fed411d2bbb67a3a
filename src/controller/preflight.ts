import type { Client } from '../kube/client.ts';
import { isForbidden, isNotFound } from '../kube/errors.ts';
import { leases, type Resource } from '../kube/resources.ts';
import { ownKinds } from './resources.ts';

export interface Preflight {
  readonly client: Client;
  /** What will be watched. */
  readonly resources: readonly Resource[];
  readonly namespace?: string | undefined;
  readonly lease: { readonly namespace: string; readonly name: string };
}

/** Whether the operator can work at all; throws an Error with one line that says what is missing and what to do. */
export async function preflight({ client, resources, namespace, lease }: Preflight): Promise<void> {
  const looks = resources.map((resource) =>
    client.list(resource, { limit: 1, namespace }).catch((error: Error) => {
      throw new Error(explain(error, resource), { cause: error });
    }),
  );
  const claim = client.get(leases, lease).catch((error: Error) => {
    if (!isNotFound(error)) throw new Error(explain(error, leases), { cause: error });
  });
  // All at once, and of several failures the first one in order.
  const failed = (await Promise.allSettled([...looks, claim])).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

function explain(error: Error, resource: Resource): string {
  const group = resource.apiVersion.includes('/') ? resource.apiVersion.split('/')[0] : 'core';
  if (isNotFound(error) && ownKinds.includes(resource)) {
    return `the cluster does not know the kind ${resource.kind}: run \`kubectl apply --server-side -f crds/\` first`;
  }
  if (isForbidden(error)) {
    return `no permission to read ${resource.plural} (API group ${group}): give the operator a role with get, list and watch on them; ${error.message}`;
  }
  return error.message;
}
