/**
 * `npm run bench -- writes [--apps 300]`: what each write of the operator takes of CPU in API server and etcd, by server-side apply
 * as it writes, beside POST and merge patch, which are the least that says the same.
 */
import { apps as appKind, resourceOf } from '../../src/controller/resources.ts';
import { deployments, pathOf } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { sizesFrom } from './measure/options.ts';
import { type Row, record } from './measure/record.ts';
import { imageOf, indexOf, namespaceOf } from './operator/apps.ts';
import { inParallel } from './operator/bare-client.ts';
import { BenchCluster, indexes } from './operator/cluster.ts';
import { learnTemplate, templateFor } from './operator/template.ts';

const { sizes, isKept } = sizesFrom({ apps: 300 });
const connections = 8;
/** Of the first half everything is applied, of the other one it is not. */
const all = 2 * sizes.apps;

type Task = (index: number) => Promise<unknown>;

const told = (ms: number) => `${ms.toFixed(1)} ms`;

/** As the operator makes what should not be there yet: see src/controller/apply.ts. */
const asNew = (object: KubeObject) => ({ ...object, metadata: { ...object.metadata, resourceVersion: '1' } });

await BenchCluster.with(all, async (cluster) => {
  const { bare } = cluster;
  const template = await learnTemplate(cluster);
  const rows: Row[] = [];
  /** Milliseconds of CPU for each of some Apps. */
  const msOf = async (some: readonly number[], task: () => Promise<unknown>) => {
    const before = cluster.cpuSeconds;
    await task();
    return (1000 * (cluster.cpuSeconds - before)) / some.length;
  };
  const each = (some: readonly number[], task: Task) => msOf(some, () => inParallel(some, connections, task));
  const [applied, others] = [indexes(all).slice(0, sizes.apps), indexes(all).slice(sizes.apps)];
  const measure = async (what: string, apply: Task, least: Task) => {
    const [figure, floor] = [await each(applied, apply), await each(others, least)];
    rows.push({ what, figure: told(figure), floor: told(floor), times: (figure / floor).toFixed(2) });
  };

  rows.push({ what: 'an App is made', figure: told(await msOf(indexes(all), () => cluster.makeApps(all))) });
  const { items } = await cluster.client.list<KubeObject>(appKind);
  const made = items.toSorted((a, b) => indexOf(a.metadata.name) - indexOf(b.metadata.name)) as [KubeObject];
  const templateOf = (index: number, image?: string) =>
    templateFor(template, index, `${made[index]?.metadata.uid}`, image);

  for (const [place, { kind }] of template.children.entries()) {
    const child = (index: number) => templateOf(index).children[place] as KubeObject;
    const resource = resourceOf(child(0));
    await measure(
      `– its ${kind}`,
      (index) => bare.apply(resource, asNew(child(index))),
      (index) => bare.create(resource, child(index)),
    );
  }
  const { apiVersion, kind } = made[0];
  const nameOf = (index: number) => ({ name: `${made[index]?.metadata.name}`, namespace: namespaceOf(index) });
  await measure(
    '– its status',
    (index) => {
      const object = { apiVersion, kind, metadata: nameOf(index), status: templateOf(index).status };
      return bare.apply(appKind, object, { subresource: '/status' });
    },
    (index) => bare.mergePatch(`${pathOf(appKind, nameOf(index))}/status`, { status: templateOf(index).status }),
  );

  const edit = await each(indexes(all), (index) => cluster.setImage(index, imageOf(1)));
  rows.push({ what: 'the image of an App is changed', figure: told(edit) });
  const changed = (index: number) =>
    templateOf(index, imageOf(1)).children.find(({ kind }) => kind === 'Deployment') as KubeObject;
  await measure(
    '– its Deployment',
    (index) => bare.apply(deployments, changed(index)),
    (index) => bare.mergePatch(pathOf(deployments, changed(index).metadata), changed(index)),
  );
  record('writes', rows, isKept);
});
