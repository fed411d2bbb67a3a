import type { Client } from '../kube/client.ts';
import { isForbidden, isNotFound } from '../kube/errors.ts';
import type { Informer } from '../kube/informer.ts';
import { leases, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { ownKinds } from './resources.ts';

export interface Preflight {
  readonly client: Client;
  /** What will be watched. */
  readonly informers: readonly Pick<Informer<KubeObject>, 'resource' | 'selection'>[];
  readonly lease: { readonly namespace: string; readonly name: string };
}

/** Whether the operator can work at all; throws an Error with one line that says what is missing and what to do. */
export async function preflight({ client, informers, lease }: Preflight): Promise<void> {
  const looks = informers.map(({ resource, selection }) =>
    client.list(resource, { ...selection, limit: 1 }).catch((error: Error) => {
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
