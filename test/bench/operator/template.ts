import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const recorder = join(import.meta.dirname, 'recorder.ts');

/** What the operator writes for an App, in the order in which it does, and what it says of it. */
export interface Template {
  readonly children: readonly KubeObject[];
  readonly status: unknown;
}

/**
 * Lets the operator make one App until nothing changes any more, keeps what it has written last of each object, and clears all of it
 * away. `ready`: its machines have become ready, so that its release is complete.
 */
export async function learnTemplate(cluster: BenchCluster, { ready = false } = {}): Promise<Template> {
  const folder = mkdtempSync(join(tmpdir(), 'airfield-bench-'));
  const path = join(folder, 'recorded');
  const env = { NODE_OPTIONS: `--import=${recorder}`, RECORDED_IN: path };
  const operator = await OperatorProcess.start(cluster.kubeconfig, { env });
  try {
    await operator.leads();
    await cluster.makeApps(1);
    const { uid = '' } = (await cluster.client.get<App>(apps, { name: firstName, namespace: namespaceOf(0) })).metadata;
    const recorded = () => existsSync(path) && readFileSync(path, 'utf8').replaceAll(uid, uidMark);
    await settled(recorded);
    if (ready) {
      await cluster.readyAll(1);
      await settled(recorded);
    }
    await operator.stop();
    const template = templateIn(`${recorded()}`);
    await cluster.clear(1, [apps, ...template.children.map(resourceOf)]);
    return template;
  } finally {
    await operator.stop();
    rmSync(folder, { recursive: true });
  }
}

type Applied = KubeObject & { readonly status?: unknown };

function templateIn(recorded: string): Template {
  const all = recorded
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Applied);
  const own = all.filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => uid === uidMark));
  const last = new Map(own.map((one) => [`${one.kind}/${one.metadata.name}`, one]));
  const children = [...last.values()].map(({ metadata: { resourceVersion: _, uid: __, ...metadata }, ...rest }) => ({
    ...rest,
    metadata,
  }));
  return { children, status: all.findLast(({ kind, status }) => kind === 'App' && status)?.status };
}

/** Resolves when it is something, and the same for two seconds. */
function settled(find: () => unknown): Promise<boolean> {
  let seen: unknown;
  const isSame = async () => {
    const before = seen;
    seen = find();
    return Boolean(seen) && seen === before;
  };
  return until('nothing to change any more', isSame, 60_000, 2000);
}

/** What the operator lists and watches on a cluster without anything optional. */
export function watched(client: Parameters<typeof createCaches>[0]['client']) {
  return Object.values(createCaches({ client, log: silent })).map(({ resource, selection }) => ({
    resource,
    selection,
  }));
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
