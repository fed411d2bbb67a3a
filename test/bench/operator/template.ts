import type { App } from '../../../src/api/app.ts';
import { createCaches } from '../../../src/controller/caches.ts';
import { apps, resourceOf } from '../../../src/controller/resources.ts';
import { silent } from '../../../src/kube/log.ts';
import type { Resource } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { until } from '../../cluster/exec.ts';
import { firstImage, firstName, nameOf, namespaceOf } from './apps.ts';
import type { BenchCluster } from './cluster.ts';
import { OperatorProcess } from './operator-process.ts';

const uidMark = '@uid@';

/** What the operator makes of an App, in the order in which it does, and what it says of it. */
export interface Template {
  readonly children: readonly KubeObject[];
  readonly status: unknown;
}

/**
 * Lets the operator make one App, takes what there is when nothing changes any more, and clears it away. `ready`: its machines
 * have become ready, so that its release is complete.
 */
export async function learnTemplate(cluster: BenchCluster, { ready = false } = {}): Promise<Template> {
  await cluster.makeApps(1);
  const operator = await OperatorProcess.start(cluster.kubeconfig);
  try {
    let children = await settled(() => childrenIn(cluster));
    if (ready) {
      await cluster.readyAll(1);
      children = await settled(() => childrenIn(cluster));
    }
    const { status } = await cluster.client.get<App>(apps, { name: firstName, namespace: namespaceOf(0) });
    await operator.stop();
    await cluster.clear(1, [apps, ...children.map(resourceOf)]);
    return { children: children.map(asWritten), status };
  } finally {
    await operator.stop();
  }
}

/** What is the same for two seconds. */
function settled(find: () => Promise<KubeObject[]>): Promise<KubeObject[]> {
  let seen = '';
  const isSame = async () => {
    const found = await find();
    const before = seen;
    seen = JSON.stringify(found);
    return found.length > 0 && seen === before ? found : undefined;
  };
  return until('nothing to change any more', isSame, 60_000, 2000) as Promise<KubeObject[]>;
}

/** All that somebody owns, oldest first. */
async function childrenIn({ client }: BenchCluster): Promise<KubeObject[]> {
  const all: KubeObject[] = [];
  for (const { resource } of watched(client))
    all.push(...(await client.list<KubeObject>(resource)).items.filter(({ metadata }) => metadata.ownerReferences));
  const unique = new Map(all.map((one) => [one.metadata.uid, one])).values();
  return [...unique].toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
}

/** What the operator lists and watches on a cluster without anything optional. */
export function watched(client: Parameters<typeof createCaches>[0]['client']) {
  return Object.values(createCaches({ client, log: silent })).map(({ resource, selection }) => ({
    resource,
    selection,
  }));
}

/** Without what the API server adds. */
function asWritten({ metadata, ...rest }: KubeObject): KubeObject {
  const { name, namespace, labels, annotations, ownerReferences } = metadata;
  const { status: _, spec, ...others } = rest as Omit<KubeObject, 'metadata'> & { status?: unknown; spec?: object };
  const { clusterIP: __, clusterIPs: ___, ...kept } = (spec ?? {}) as { clusterIP?: unknown; clusterIPs?: unknown };
  const owners = ownerReferences?.map((owner) => ({ ...owner, uid: uidMark }));
  return {
    ...others,
    metadata: { name, namespace, labels, annotations, ownerReferences: owners },
    ...(spec && { spec: kept }),
  } as KubeObject;
}

/** The same for another App, of another image. */
export function templateFor(template: Template, index: number, uid: string, image = firstImage): Template {
  const text = JSON.stringify(template)
    .replaceAll(firstName, nameOf(index))
    .replaceAll(namespaceOf(0), namespaceOf(index))
    .replaceAll(firstImage, image);
  return JSON.parse(text.replaceAll(uidMark, uid)) as Template;
}

/** How many children of each kind an App has. */
export function countsOf({ children }: Template): Map<Resource, number> {
  const counts = new Map<Resource, number>();
  for (const child of children) counts.set(resourceOf(child), (counts.get(resourceOf(child)) ?? 0) + 1);
  return counts;
}
