/**
 * The floor of the operator, as a process of its own: makes the Apps that it is told of, what an App becomes, and the status, with
 * nothing around it. The order is a JSON on the command line; the answer is the time in milliseconds, and the seconds of CPU.
 */
import { readFileSync } from 'node:fs';
import { manager } from '../../../src/api/meta.ts';
import { appliedAnnotation, marked } from '../../../src/controller/applied.ts';
import { apps, resourceOf } from '../../../src/controller/resources.ts';
import { pathOf } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { benchApp } from './apps.ts';
import { BareClient, inParallel } from './bare-client.ts';
import { indexes } from './cluster.ts';
import { type Template, templateFor } from './template.ts';

/** `create` is what costs the API server the least; `apply` is what the operator does, so that objects know who owns which field. */
export type Way = 'create' | 'apply';

export interface ConvergeOrder {
  readonly kubeconfig: string;
  /** A file with a Template. */
  readonly template: string;
  readonly apps: number;
  readonly connections: number;
  readonly way: Way;
  /** Who applies it. Default: `bench`. */
  readonly fieldManager?: string;
}

export interface BareRun {
  readonly ms: number;
  readonly cpuSeconds: number;
}

const order = JSON.parse(process.argv[2] ?? '') as ConvergeOrder;
const { fieldManager } = order;
const template = JSON.parse(readFileSync(order.template, 'utf8')) as Template;
const client = await BareClient.connect(order.kubeconfig, order.connections);
const began = performance.now();
await inParallel(indexes(order.apps), order.connections, makeOne);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ms: performance.now() - began, cpuSeconds: (user + system) / 1e6 } satisfies BareRun));
client.close();

async function makeOne(index: number): Promise<void> {
  const app = await client.create(apps, benchApp(index) as KubeObject);
  const { children, status } = templateFor(template, index, app.metadata.uid ?? '');
  // As the operator would itself: it compares what it has applied.
  for (const child of children) await write(fieldManager === manager ? markedAnew(child, app) : child);
  if (order.way === 'create') {
    await client.mergePatch(`${pathOf(apps, app.metadata)}/status`, { status });
    return;
  }
  const { apiVersion, kind, metadata } = benchApp(index) as KubeObject;
  await client.apply(apps, { apiVersion, kind, metadata, status } as KubeObject, {
    subresource: '/status',
    fieldManager,
  });
}

function markedAnew(child: KubeObject, app: KubeObject): KubeObject {
  const { ownerReferences: _, annotations = {}, ...metadata } = child.metadata;
  const { [appliedAnnotation]: __, ...others } = annotations;
  return marked(
    { ...child, metadata: { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) } },
    app,
  );
}

function write(child: KubeObject): Promise<unknown> {
  const resource = resourceOf(child);
  return order.way === 'create' ? client.create(resource, child) : client.apply(resource, child, { fieldManager });
}
