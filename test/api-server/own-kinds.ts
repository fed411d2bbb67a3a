import { crds } from '../../src/api/crds.ts';
import { ownKinds } from '../../src/controller/resources.ts';
import type { Addressed, Client } from '../../src/kube/client.ts';
import { customResourceDefinitions } from '../../src/kube/resources.ts';
import { until } from '../cluster/exec.ts';

/** Resolves when the API server serves Airfield's kinds. Several files may do so at the same time. */
export async function serveOwnKinds(client: Client): Promise<void> {
  for (const crd of crds())
    await client.apply(customResourceDefinitions, crd as Addressed, { fieldManager: 'test', force: true });
  for (const kind of ownKinds) await until(`the kind ${kind.kind}`, () => client.list(kind, { limit: 1 }));
}
