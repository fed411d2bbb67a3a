import type { Config } from '../config.ts';
import type { Architecture } from '../desired/elf.ts';
import type { Settings } from '../desired/settings.ts';
import { inClusterNamespace } from '../kube/auth.ts';
import type { Client } from '../kube/client.ts';
import { isForbidden, isNotFound } from '../kube/errors.ts';
import * as builtIn from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';

type Lister = Pick<Client, 'list'>;
type Asker = Pick<Client, 'list' | 'raw'>;

/** The label that the kubelet puts on its node. */
const architectureLabel = 'kubernetes.io/arch';

const noHttpRoutes =
  'AIRFIELD_EDGE: httproute needs the kind HTTPRoute (gateway.networking.k8s.io/v1), which the cluster does not have, or which the operator may not list: install the Gateway API, or write ingress or gate';

/**
 * Kinds that are watched only where the cluster has them, or where something depends on them. Throws an Error with one line
 * where the edge needs one that is not there.
 */
export async function optionalKinds(
  client: Lister,
  { regions, edge }: Pick<Config['settings'], 'regions' | 'edge'>,
): Promise<builtIn.Resource[]> {
  const kinds = [builtIn.podMonitors, builtIn.volumeSnapshots, builtIn.httpRoutes];
  const found = await Promise.all(kinds.map(async (kind) => ((await has(client, kind)) ? [kind] : [])));
  if (edge?.kind === 'httproute' && !found.flat().includes(builtIn.httpRoutes)) throw new Error(noHttpRoutes);
  return [...found.flat(), ...(regions.mode === 'require' ? [builtIn.nodes] : [])];
}

/** The settings, completed by what the cluster is. */
export async function settingsOf(
  client: Asker,
  { settings, stopHook }: Pick<Config, 'settings' | 'stopHook'>,
  optional: readonly builtIn.Resource[],
): Promise<Settings> {
  return {
    ...settings,
    operatorNamespace: settings.operatorNamespace ?? inClusterNamespace(),
    canResize: await canResize(client),
    podMonitors: optional.includes(builtIn.podMonitors),
    stopHook: stopHook === 'auto' ? await architectureOf(client) : stopHook,
  };
}

/** The architecture of all nodes; `shell` where they differ, cannot be seen, or have one without a stop program. */
async function architectureOf(client: Lister): Promise<Architecture | 'shell'> {
  const nodes = await client.list<KubeObject>(builtIn.nodes).catch((error: unknown) => {
    if (isForbidden(error)) return { items: [] };
    throw error;
  });
  const found = new Set(nodes.items.map(({ metadata }) => metadata.labels?.[architectureLabel]));
  const [only] = found;
  return found.size === 1 && (only === 'amd64' || only === 'arm64') ? only : 'shell';
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ */
async function canResize(client: Asker): Promise<boolean> {
  try {
    const { resources } = await client.raw<{ readonly resources?: readonly { readonly name: string }[] }>(
      'GET',
      '/api/v1',
    );
    return resources?.some(({ name }) => name === 'pods/resize') ?? false;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

async function has(client: Lister, resource: builtIn.Resource): Promise<boolean> {
  try {
    await client.list(resource, { limit: 1 });
    return true;
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return false;
    throw error;
  }
}
