/**
 * The floor of an operator whose Apps change, as a process of its own: writes what a change of an App leads to as soon as it
 * hears of it, with nothing around it. The order is a JSON on the command line; it stays until it is ended.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { apps, resourceOf } from '../../../src/controller/resources.ts';
import { pathOf } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { indexOf } from './apps.ts';
import { BareClient } from './bare-client.ts';
import { type Template, templateFor } from './template.ts';

export interface EditOrder {
  readonly kubeconfig: string;
  /** A file with a Template. */
  readonly template: string;
  readonly connections: number;
}

type App = KubeObject & { readonly spec: { readonly image: string } };

const order = JSON.parse(process.argv[2] ?? '') as EditOrder;
const template = JSON.parse(readFileSync(order.template, 'utf8')) as Template;
const client = await BareClient.connect(order.kubeconfig, order.connections);
const { metadata } = await client.json<{ metadata: { resourceVersion: string } }>('GET', `${pathOf(apps)}?limit=1`);
const query = `watch=true&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=3600`;
const answer = await client.open('GET', `${pathOf(apps)}?${query}`);
console.log('watches');
const seen = new Map<string, number>();
for await (const line of createInterface({ input: answer })) {
  const { type, object } = JSON.parse(line) as { type: string; object: App };
  const { uid = '', generation = 0 } = object.metadata;
  if (type === 'MODIFIED' && generation > (seen.get(uid) ?? 1)) void follow(object);
  seen.set(uid, generation);
}

/** A release, the Deployment, the status. */
async function follow({ metadata, spec }: App): Promise<void> {
  const { name, generation, uid = '' } = metadata;
  const { children } = templateFor(template, indexOf(name), uid, spec.image);
  const [release, deployment] = ['ControllerRevision', 'Deployment'].map((kind) =>
    children.find((child) => child.kind === kind),
  ) as [KubeObject, KubeObject];
  const renamed = { ...release, metadata: { ...release.metadata, name: `${name}-g${generation}` } };
  await client.create(resourceOf(release), renamed);
  await client.mergePatch(pathOf(resourceOf(deployment), deployment.metadata), deployment);
  await client.mergePatch(`${pathOf(apps, metadata)}/status`, { status: { observedGeneration: generation } });
}
